-- The rows that an operator erased for a reviewer. Only their places are kept, never whose they were. A reconcile counts them, so
-- that the file they came from is not taken for short and put back.
CREATE TABLE IF NOT EXISTS erasures (
  source_id     BINARY(16)      NOT NULL COMMENT 'as in book_reviews',
  source_offset BIGINT UNSIGNED NOT NULL COMMENT 'as in book_reviews',
  erased_at     TIMESTAMP(3)    NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (source_id, source_offset)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin
