"""A real Letta V1 server for developers: started, filled, read by the adapter, counted in SQL."""
