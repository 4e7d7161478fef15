"""What differs between the databases: how they are opened, kept from writing, and complain."""
