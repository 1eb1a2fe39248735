"""Looking into runs and jobs, for the monitor and the terminal. Reads only; ``bulk`` alone hands work to ``operate``.

Every question here has a bounded price: no count of millions, no deep OFFSET, no scan without an end. What a question
may look through is written beside it.
"""
