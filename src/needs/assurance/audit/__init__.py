"""Audit of published figures: each recomputed from the others, and a verdict given.

``printed`` says what a printed number stands for, ``relation`` how one follows from others.
``generate`` and ``discover`` find the relations, ``typed`` takes those that a study gives.
``blame`` finds the figures at fault, ``bases`` another base they agree with, ``across`` what
two documents print of the same thing. ``engine`` puts it together; ``results`` shows it.
"""
