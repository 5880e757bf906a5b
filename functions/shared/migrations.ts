// The files of database/migrations/, which the bundler puts in as text (loader: .sql=text).
import createBookReviews from '../../database/migrations/0001_create_book_reviews.sql';
import indexReviewsByDay from '../../database/migrations/0002_index_reviews_by_day.sql';
import addOtherFields from '../../database/migrations/0003_add_other_fields.sql';
import createSources from '../../database/migrations/0004_create_sources.sql';
import createSourceChunks from '../../database/migrations/0005_create_source_chunks.sql';
import createLoadHistory from '../../database/migrations/0006_create_load_history.sql';
import createReviews from '../../database/migrations/0007_create_reviews.sql';
import createErasures from '../../database/migrations/0008_create_erasures.sql';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  { name: '0001_create_book_reviews.sql', sql: createBookReviews },
  { name: '0002_index_reviews_by_day.sql', sql: indexReviewsByDay },
  { name: '0003_add_other_fields.sql', sql: addOtherFields },
  { name: '0004_create_sources.sql', sql: createSources },
  { name: '0005_create_source_chunks.sql', sql: createSourceChunks },
  { name: '0006_create_load_history.sql', sql: createLoadHistory },
  { name: '0007_create_reviews.sql', sql: createReviews },
  { name: '0008_create_erasures.sql', sql: createErasures },
];
