import { Download, FileInput, FileOutput, History } from 'lucide-react';
import { useState } from 'react';
import styles from './backup.module.css';
import { ChooseFile } from './choose-file.tsx';
import { KeptBookView } from './kept-book.tsx';
import { LinesDialog } from './lines-dialog.tsx';
import { RestoreDialog } from './restore-dialog.tsx';
import { useExport } from './use-export.ts';
import { Button } from '../../ui/button.tsx';

/** The book as files: a backup to take away and to restore, and every change as text. */
export function BackupView() {
  const { busy, save } = useExport();
  const [restoring, setRestoring] = useState<File | null>(null);
  const [importing, setImporting] = useState<File | null>(null);
  const [turn, setTurn] = useState(0);
  return (
    <div className={styles.stack}>
      <div className={styles.buttons}>
        <Button icon={<Download aria-hidden />} onPress={() => save('backup')}>
          {busy === 'backup' ? 'Making a backup…' : 'Download backup'}
        </Button>
        <ChooseFile
          label="Restore a backup"
          icon={<History aria-hidden />}
          accept=".sqlite3,.sqlite,.db,application/vnd.sqlite3"
          onFile={setRestoring}
        />
      </div>
      <p className={styles.soft}>
        A backup is one SQLite file with every record and all the history that is kept here. Any program that reads
        SQLite opens it. Restoring shows what is in it first, and changes nothing until you have chosen how.
      </p>
      <KeptBookView turn={turn} busy={busy === 'kept'} onSave={() => save('kept')} />
      <h3 className={styles.subtitle}>Changes as text</h3>
      <div className={styles.buttons}>
        <Button icon={<FileOutput aria-hidden />} onPress={() => save('changes')}>
          {busy === 'changes' ? 'Exporting…' : 'Export changes'}
        </Button>
        <ChooseFile
          label="Import changes"
          icon={<FileInput aria-hidden />}
          accept=".jsonl,.ndjson,.json,.txt,application/jsonl"
          onFile={setImporting}
        />
      </div>
      <p className={styles.soft}>
        One line of JSON for every change that was ever made: for scripts and other programs. A table of records is
        exported as CSV from its own menu.
      </p>
      {restoring !== null && (
        <RestoreDialog
          file={restoring}
          onClose={() => {
            setRestoring(null);
            setTurn((before) => before + 1);
          }}
        />
      )}
      {importing !== null && <LinesDialog file={importing} onClose={() => setImporting(null)} />}
    </div>
  );
}
