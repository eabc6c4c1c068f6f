-- Units whose keys and openings have to go: committed together with the entry that says they are gone,
-- emptied when they are.
CREATE TABLE erasing(
  unit BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
