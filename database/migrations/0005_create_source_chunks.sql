-- The ledger: one row per chunk that is done. It is written after the chunk's rows were read back, in the session that wrote them, so it
-- never says more than can be read.
CREATE TABLE IF NOT EXISTS source_chunks (
  source_id   BINARY(16)    NOT NULL,
  chunk_index INT UNSIGNED  NOT NULL,
  line_count  INT UNSIGNED  NOT NULL,
  rows_loaded INT UNSIGNED  NOT NULL COMMENT 'inserted, or there already',
  rejected    INT UNSIGNED  NOT NULL,
  blank       INT UNSIGNED  NOT NULL,
  misfits     INT UNSIGNED  NOT NULL COMMENT 'values that did not fit their column',
  done_at     TIMESTAMP(3)  NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (source_id, chunk_index)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin
