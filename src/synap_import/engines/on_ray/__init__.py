"""The engine of several machines: workers, and one pace for all of them, on Ray.

The only part of the tool that knows of Ray, imported only where it is asked for. A worker is what
the single process is without its planner: it reads partitions and sends documents, with its own
connections to the source, the ledger and Synap. Neither records nor keys go through Ray.

    engine      the import's side: hands out partitions, says what may be sent
    crew        keeps the workers alive, and takes back what one had in hand that died
    worker      reads and sends, on any machine
    pace        the learned limit of the whole job
    session     begins and ends Ray
"""
