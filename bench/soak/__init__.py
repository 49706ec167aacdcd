"""Hours of live frames, streams and batches in turn: memory, files and threads must not grow.

python -m bench.soak HOURS [--threads N] [-o result.json]
"""
