"""One module per peer, with its best settings. Each has these six functions:

``submit(record_id)``
    Queue the natural job; called in the transaction that saves the record.
``fill(record_ids, body)``
    Queue many jobs of ``body``, committed.
``clear()``
    Forget all jobs.
``left()``
    How many jobs are not over with, as far as the queue knows.
``work()``
    Be a worker until SIGTERM.
``prepare()``
    Make the tables that no migration makes.
"""
