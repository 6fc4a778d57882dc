"""BENCH: measures as ratios within one run; `make bench` prints the table and writes bench.json."""
