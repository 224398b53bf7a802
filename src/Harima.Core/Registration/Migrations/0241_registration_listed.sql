-- Files that a client listed one by one (RegisterListed): a scan finds what changed or went of them, and adds no others.
ALTER TABLE registration ADD COLUMN only_listed BOOLEAN NOT NULL DEFAULT FALSE;
