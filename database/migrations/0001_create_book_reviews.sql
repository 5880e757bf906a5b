-- One row a review. The key is the place in its source that a row came from, so a line is a row exactly once however often
-- it is delivered; real review data has no natural key. The collation compares bytes: nothing is folded, nothing padded.
CREATE TABLE IF NOT EXISTS book_reviews (
  source_id        BINARY(16)       NOT NULL COMMENT 'the file: origin bucket, key, size and content, hashed',
  source_offset    BIGINT UNSIGNED  NOT NULL COMMENT 'first byte of the line; the ordinal in a JSON array',
  region_indicator VARCHAR(32)      NOT NULL COMMENT 'the AWS Region that ingested the row',
  reviewer_id      VARCHAR(64)      NOT NULL,
  asin             VARCHAR(32)      NOT NULL,
  reviewer_name    VARCHAR(512)     NULL,
  vote             INT UNSIGNED     NULL COMMENT 'vote, or the first number of helpful',
  vote_total       INT UNSIGNED     NULL COMMENT 'the second number of helpful',
  review_text      MEDIUMTEXT       NULL,
  summary          TEXT             NULL,
  overall_rating   DOUBLE           NULL COMMENT '0 to 5',
  unix_review_time BIGINT           NULL COMMENT 'seconds',
  review_time      VARCHAR(64)      NULL COMMENT 'as the file has it',
  verified         BOOLEAN          NULL,
  style            JSON             NULL,
  image            JSON             NULL,
  ingested_at      TIMESTAMP(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (source_id, source_offset)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin
