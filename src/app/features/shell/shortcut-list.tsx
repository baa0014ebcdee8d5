import { Dialog } from '../../ui/dialog.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import styles from './shortcut-list.module.css';
import { CONTROL } from './shortcuts.ts';

const GROUPS: readonly { readonly title: string; readonly keys: readonly (readonly [keys: string, does: string])[] }[] =
  [
    {
      title: 'Anywhere',
      keys: [
        ['N', 'New record'],
        ['/', 'Search'],
        ['A', 'See the book as of another moment'],
        [`${CONTROL} Z`, 'Undo'],
        [`${CONTROL} Shift Z`, 'Redo'],
        ['J', 'Next record, in the open record'],
        ['K', 'Previous record'],
        ['Esc', 'Close'],
        ['?', 'These shortcuts'],
      ],
    },
    {
      title: 'In the table',
      keys: [
        ['↑ ↓ ← →', 'Move'],
        [`${CONTROL} Home`, 'First record'],
        [`${CONTROL} End`, 'Last record'],
        ['Enter', 'Edit the cell; in the first column open the record'],
        ['F2', 'Edit the cell; typing does too'],
        ['Tab', 'While editing: save, and on to the next cell'],
        ['Esc', 'While editing: leave the value as it was'],
        [`${CONTROL} Enter`, 'Open the record'],
        ['Shift Enter', 'New record'],
        ['Space', 'Select the record; in a checkbox, tick it'],
        ['Shift ↓', 'Select more'],
        ['Delete', 'Clear the cell, or move selected records to the Trash'],
      ],
    },
  ];

export function ShortcutList({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose} size="wide">
      <div className={styles.groups}>
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3 className={styles.title}>{group.title}</h3>
            <dl className={styles.list}>
              {group.keys.map(([keys, does]) => (
                <div key={keys + does} className={styles.row}>
                  <dt>
                    <Kbd keys={keys} />
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
