import { TriangleAlert } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';
import type { Encoding } from './decode-file.ts';
import styles from './import.module.css';
import { DELIMITERS, type Delimiter } from './guess-delimiter.ts';
import { type CsvProblem } from './read-csv.ts';
import type { CsvFile, OpenFile } from './use-csv-file.ts';

const DELIMITER_NAMES: { readonly [delimiter in Delimiter]: string } = {
  ',': 'Commas',
  ';': 'Semicolons',
  '\t': 'Tabs',
  '|': 'Bars ( | )',
};

const ENCODING_NAMES: { readonly [encoding in Encoding]: string } = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'windows-1252': 'Windows-1252',
};

/** What the file is, how it is cut up, and what is wrong with it. */
export function FileFacts({ file, csv }: { readonly file: OpenFile; readonly csv: CsvFile }) {
  const rows = file.rows.length;
  return (
    <div className={styles.facts}>
      <div className={styles.fileLine}>
        <p className={styles.fileName}>{file.name}</p>
        <Button size="small" variant="quiet" onPress={csv.close}>
          Another file
        </Button>
      </div>
      <p className={styles.soft}>
        {count(rows, 'row')} · {count(file.table.width, 'column')} · {ENCODING_NAMES[file.encoding]}
        {file.table.emptyRows > 0 && ` · ${count(file.table.emptyRows, 'empty row')} left out`}
      </p>
      <div className={styles.options}>
        <Select
          label="Cells are separated by"
          choices={DELIMITERS.map((id) => ({ id, label: DELIMITER_NAMES[id] }))}
          value={file.table.delimiter}
          onChange={(delimiter) => delimiter !== null && csv.reread({ delimiter: delimiter as Delimiter })}
        />
        <Switch checked={file.hasHeader} onChange={(hasHeader) => csv.reread({ hasHeader })}>
          The first row holds the names
        </Switch>
      </div>
      {file.table.problemCount > 0 && (
        <div className={styles.problems} role="status">
          <TriangleAlert aria-hidden size={18} />
          <div>
            <p>
              {file.table.problemCount === 1
                ? 'One line looks'
                : `${file.table.problemCount.toLocaleString()} lines look`}{' '}
              wrong. Nothing is left out; see below what comes of it.
            </p>
            <ul>
              {file.table.problems.slice(0, 6).map((problem) => (
                <li key={`${problem.line} ${problem.kind}`}>{problemWords(problem, file.hasHeader)}</li>
              ))}
              {file.table.problemCount > 6 && <li>and {(file.table.problemCount - 6).toLocaleString()} more</li>}
            </ul>
          </div>
        </div>
      )}
    </div>
  );
}

function problemWords({ line, kind }: CsvProblem, hasHeader: boolean): string {
  const first = hasHeader ? 'the row of names' : 'the first row';
  switch (kind) {
    case 'quoteNotClosed':
      return `Line ${line}: a quotation mark is opened and never closed; all that follows became one cell.`;
    case 'quoteInside':
      return `Line ${line}: a quotation mark stands in the middle of a quoted cell.`;
    case 'moreCells':
      return `Line ${line} has more cells than ${first}.`;
    case 'fewerCells':
      return `Line ${line} has fewer cells than ${first}.`;
  }
}

export const count = (number: number, thing: string): string =>
  `${number.toLocaleString()} ${thing}${number === 1 ? '' : 's'}`;
