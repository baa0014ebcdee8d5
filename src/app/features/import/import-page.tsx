import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { parseId, type EntityId } from '../../../core/ids.ts';
import { Page } from '../../ui/page.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useAnswer } from '../../use-client.tsx';
import { FileDrop } from './file-drop.tsx';
import { ImportReview } from './import-review.tsx';
import styles from './import.module.css';
import { useCsvFile } from './use-csv-file.ts';

/** From a CSV file to records: choose, look, import. `?type=` names the type that it goes into. */
// oxlint-disable-next-line import/no-default-export -- loaded lazily
export default function ImportPage() {
  const [search] = useSearchParams();
  const [into] = useState(() => parseId<EntityId>(search.get('type')));
  const schema = useAnswer({ kind: 'schema' });
  const csv = useCsvFile();
  const { state } = csv;
  if (schema === undefined) return null;
  if (state.kind === 'none') {
    return (
      <Page>
        <FileDrop error={state.error} onFile={csv.open} />
      </Page>
    );
  }
  if (state.kind === 'reading') {
    return (
      <Page>
        <div className={styles.working} role="status">
          <p>Reading {state.name}…</p>
          <Progress label={`Reading ${state.name}`} value={state.done} />
        </div>
      </Page>
    );
  }
  return <ImportReview file={state.file} csv={csv} types={schema.types} into={into} />;
}
