"""How fast the program is: beside its limits, beside others, and as it grows; `kb eval bench`.

Each part has a module with `measure`, which does the work, and `figures`,
which says what is drawn of it. What is compared runs in processes of its own
(`worker`), in turns, and a figure is the median of the turns.
"""
