"""The pictures of a report, as SVG that takes its colours from the page's style sheet.

The layouts are ours, the elements those of the library ``svg.py``. It writes texts as they are:
only :mod:`~synap_import.report.charts.marks` makes elements that hold text, and escapes it. No
element has a style of its own, which the page's content security policy would not let in.
"""
