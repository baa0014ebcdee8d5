import { Eye, EyeOff, Plus } from 'lucide-react';
import { Link } from 'wouter';
import { FieldError } from '../../ui/field-frame.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { useAnswer } from '../../use-client.tsx';
import { MoveButtons } from './move-buttons.tsx';
import { iconOfType } from './type-icons.ts';
import styles from './type-list.module.css';
import { useCommand } from './use-command.ts';

/** All types, hidden ones included, in the order of the sidebar. */
export function TypeList() {
  const schema = useAnswer({ kind: 'schema' });
  const { run, error } = useCommand();
  if (schema === undefined) return null;
  return (
    <div className={styles.list}>
      {schema.types.length > 0 && (
        <ul aria-label="Types">
          {schema.types.map((type) => {
            const Icon = iconOfType(type.icon);
            return (
              <li key={type.id} className={styles.row}>
                <Icon aria-hidden size={18} strokeWidth={1.8} />
                <span className={styles.words}>
                  <Link href={`/t/${type.id}/fields`} className={styles.name}>
                    {type.name}
                  </Link>
                  <span className={styles.facts}>
                    {type.records.toLocaleString()} {type.records === 1 ? 'record' : 'records'}
                    {type.hidden && ' · hidden'}
                  </span>
                </span>
                <MoveButtons
                  name={type.name}
                  all={schema.types}
                  id={type.id}
                  onMove={(after) => void run({ kind: 'moveType', id: type.id, after })}
                />
                <IconButton
                  label={type.hidden ? `Show ${type.name}` : `Hide ${type.name}`}
                  icon={type.hidden ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
                  onPress={() => void run({ kind: 'changeType', id: type.id, hidden: !type.hidden })}
                />
              </li>
            );
          })}
        </ul>
      )}
      {error !== undefined && <FieldError text={error} />}
      <Link href="/new-type" className={styles.add}>
        <Plus aria-hidden size={16} /> New type
      </Link>
    </div>
  );
}
