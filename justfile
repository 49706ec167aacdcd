# What contributors run. `just` alone lists it; https://just.systems (PyPI: rust-just).

python := ".venv/bin/python"
export PATH := justfile_directory() / ".venv/bin:" + env("PATH")

_default:
    @just --list --unsorted

# a virtual environment with everything that builds, tests, checks and documents mien
setup:
    python3 -m venv .venv
    {{ python }} -m pip install -q cmake ninja "scikit-build-core>=0.10" "pybind11==3.1.*"
    {{ python }} -m pip install -q --no-build-isolation '.[test,dev,docs]'
    .venv/bin/pre-commit install

# the C++ core and the package under build/PRESET/python
build preset="dev":
    cmake --preset {{ preset }} -DPython_EXECUTABLE="$PWD/{{ python }}"
    cmake --build --preset {{ preset }}

# C++ and Python tests, straight from the build folder; arguments go to pytest
test *args: build
    ctest --preset dev
    PYTHONPATH=build/dev/python {{ python }} -m pytest {{ args }}

# for so many seconds: `tables`, `media`, or a target of cpp/fuzz (frames, geometry, ledger, pack, video)
fuzz target seconds="60":
    {{ python }} tools/fuzz.py {{ target }} {{ seconds }}

# every check of style, types and spelling
lint:
    pre-commit run --all-files

# how fast it is: micro, pipeline, peers, table, gpu, or everything
bench *parts: (build "release")
    PYTHONPATH=build/release/python {{ python }} -m bench.run {{ parts }}

# faults injected into batches, so many: kills, full and failing disks, two writers, little memory
torture count="40" *args: build
    PYTHONPATH=build/dev/python {{ python }} -m bench.torture {{ count }} {{ args }}

# live frames, streams and batches in turn for so many hours: memory, files and threads must not grow
soak hours="1" *args: build
    PYTHONPATH=build/dev/python {{ python }} -m bench.soak {{ hours }} {{ args }}

# the site of documents, in build/site
docs: build
    PYTHONPATH=build/dev/python sphinx-build -q -W --keep-going docs build/site

# everything that must hold before a change lands; arguments name single steps
ci *steps:
    bash .ci/run {{ steps }}
