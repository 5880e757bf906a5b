-- The ledger: one row per source. DB-processing opens it before the first row of the source is written. A closed source takes no rows:
-- every INSERT reads `closed_at`, so a late invocation cannot bring back rows that were withdrawn.
CREATE TABLE IF NOT EXISTS sources (
  source_id            BINARY(16)        NOT NULL COMMENT 'as in book_reviews',
  region               VARCHAR(32)       NOT NULL COMMENT 'the AWS Region that opened it last',
  bucket               VARCHAR(63)       NOT NULL COMMENT 'the bucket that the file was uploaded to',
  object_key           VARCHAR(1024)     NOT NULL COMMENT 'the key that it was uploaded under',
  size_bytes           BIGINT UNSIGNED   NOT NULL,
  checksum             VARCHAR(64)       NULL     COMMENT 'of the content, such as crc64nvme:rosUhgp5mIg=',
  record_format        VARCHAR(255)      NULL     COMMENT 'the formats of its records, most frequent first',
  container            VARCHAR(64)       NULL     COMMENT 'such as lines, csv, or gzip of lines',
  uploaded_at          TIMESTAMP(3)      NULL,
  chunk_count          INT UNSIGNED      NOT NULL,
  max_rejected_percent TINYINT UNSIGNED  NOT NULL COMMENT 'a larger share of rejected lines fails the file',
  same_content_as      BINARY(16)        NULL     COMMENT 'another source with the same content',
  same_name_as         BINARY(16)        NULL     COMMENT 'the source before it under the same key',
  opened_at            TIMESTAMP(3)      NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  closed_at            TIMESTAMP(3)      NULL     COMMENT 'when it failed or was withdrawn',
  closed_as            VARCHAR(16)       NULL     COMMENT 'failed or withdrawn',
  closed_reason        VARCHAR(512)      NULL,
  PRIMARY KEY (source_id),
  KEY sources_by_name (bucket, object_key(255)),
  KEY sources_by_content (checksum, size_bytes)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin
