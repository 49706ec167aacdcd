"""ELAN's annotation files."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mien

EVENTS = pd.DataFrame(
    {
        "onset": [0.1, 0.5, 0.9, 0.2],
        "offset": [0.4, 0.9, 1.2345, 3.0],
        "tier": ["AU12", "AU12", "AU12", "Ausdruck & <Mehr>"],
        "value": ["0.8", None, "größte <b>", "猫"],
        "apex": [0.2, 0.6, 1.0, 1.0],
    }
)


class TestElan:
    def test_there_and_back(self, tmp_path):
        back = mien.read_elan(mien.write_elan(EVENTS, tmp_path / "e.eaf"))
        wanted = EVENTS.drop(columns="apex").fillna({"value": ""})
        wanted["offset"] = wanted["offset"].round(3)
        pd.testing.assert_frame_equal(back, wanted, check_dtype=False)

    def test_structure_of_eaf_3(self, tmp_path):
        """Elements, their order, required attributes and references, as in EAFv3.0.xsd."""
        path = mien.write_elan(EVENTS, tmp_path / "e.eaf", media="clips/a b.mp4", author="x")
        root = ElementTree.parse(path).getroot()
        assert root.tag == "ANNOTATION_DOCUMENT"
        assert root.get("FORMAT") == root.get("VERSION") == "3.0"
        pd.Timestamp(root.get("DATE"))
        tags = [child.tag for child in root]
        order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"]
        assert [tag for i, tag in enumerate(tags) if tags.index(tag) == i] == order
        assert tags == sorted(tags, key=order.index)
        media = root.find("HEADER/MEDIA_DESCRIPTOR")
        assert media.get("MEDIA_URL").startswith("file:///")
        assert media.get("MEDIA_URL").endswith("clips/a%20b.mp4")
        assert root.find("HEADER").get("TIME_UNITS") == "milliseconds"
        slots = root.findall("TIME_ORDER/TIME_SLOT")
        values = [int(slot.get("TIME_VALUE")) for slot in slots]
        assert values == sorted(values)
        ids = [slot.get("TIME_SLOT_ID") for slot in slots]
        notes = root.findall("TIER/ANNOTATION/ALIGNABLE_ANNOTATION")
        used = [n.get(key) for n in notes for key in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
        assert set(used) == set(ids)
        every = ids + [n.get("ANNOTATION_ID") for n in notes]
        assert len(set(every)) == len(every)
        assert all(value[0].isalpha() for value in every)  # xsd:ID
        kinds = {kind.get("LINGUISTIC_TYPE_ID") for kind in root.findall("LINGUISTIC_TYPE")}
        assert {tier.get("LINGUISTIC_TYPE_REF") for tier in root.findall("TIER")} == kinds
        assert {c.get("STEREOTYPE") for c in root.findall("CONSTRAINT")} == {
            "Time_Subdivision",
            "Symbolic_Subdivision",
            "Symbolic_Association",
            "Included_In",
        }

    def test_pympi_reads_it(self, tmp_path):
        pympi = pytest.importorskip("pympi")
        eaf = pympi.Elan.Eaf(str(mien.write_elan(EVENTS, tmp_path / "e.eaf")))
        assert list(eaf.get_tier_names()) == ["AU12", "Ausdruck & <Mehr>"]
        assert eaf.get_annotation_data_for_tier("AU12") == [
            (100, 400, "0.8"),
            (500, 900, ""),
            (900, 1234, "größte <b>"),
        ]

    @settings(max_examples=20, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.lists(st.integers(0, 10**7), min_size=2, max_size=9, unique=True),
                st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6),
            ),
            max_size=4,
            unique_by=lambda pair: pair[1],
        )
    )
    def test_any_events(self, tmp_path_factory, tiers):
        rows = [
            (times[i] / 1000, times[i + 1] / 1000, tier, f"{i}")
            for times, tier in ((sorted(times), tier) for times, tier in tiers)
            for i in range(len(times) - 1)
        ]
        events = pd.DataFrame(rows, columns=["onset", "offset", "tier", "value"])
        path = mien.write_elan(events, tmp_path_factory.mktemp("elan") / "e.eaf")
        pd.testing.assert_frame_equal(mien.read_elan(path), events, check_dtype=False)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda e: e.drop(columns="tier"), "there is no tier"),
            (lambda e: e.assign(onset=[None, 0.5, 0.9, 0.2]), "1 events lack a time"),
            (lambda e: e.assign(offset=e["onset"]), "last a millisecond"),
            (lambda e: e.assign(onset=-e["onset"]), "start at 0"),
            (lambda e: e.assign(tier="one"), r"can't overlap.*'one' at 0\.200"),
            (lambda e: e.assign(value="a\x01"), "XML can't hold"),
        ],
    )
    def test_what_it_cannot_hold(self, tmp_path, change, message):
        with pytest.raises(mien.InputError, match=message):
            mien.write_elan(change(EVENTS), tmp_path / "e.eaf")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("text", ["", "<a>", "<a/>", "words"])
    def test_not_its_file(self, tmp_path, text):
        (tmp_path / "e.eaf").write_text(text)
        with pytest.raises(mien.InputError, match=r"e\.eaf"):
            mien.read_elan(tmp_path / "e.eaf")
