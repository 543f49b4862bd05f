"""A report as text: JSON, terminal, clean-up script. Does not know where the text goes.

Each format is a module with a function `render(report: Report) -> str`. To add one, write such a module, declare an
option for its file in settings.py, and add a line to the table `REPORT_FORMATS` in reports/finish.py. What there is to
render is in reports/tally/report.py; its texts come from the network: escaping.py makes them safe to show.
"""
