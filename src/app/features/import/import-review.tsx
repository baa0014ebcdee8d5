import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordType } from '../../../core/query.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';
import { useUndo } from '../shell/undo.tsx';
import { IconPicker } from '../types/icon-picker.tsx';
import { type ColumnPlan, planColumns, planProblems, typeNameFrom } from './column-plan.ts';
import { ColumnRow } from './column-row.tsx';
import { count, FileFacts } from './file-facts.tsx';
import { importCommand, type ReadyColumn } from './import-command.ts';
import styles from './import.module.css';
import { PreviewTable } from './preview-table.tsx';
import type { CsvFile, OpenFile } from './use-csv-file.ts';
import { useConversions } from './use-conversions.ts';

const NEW_TYPE = 'new';

/** Shows what a file will become, lets one change it, and carries it out as one transaction. */
export function ImportReview({
  file,
  csv,
  types,
  into,
}: {
  readonly file: OpenFile;
  readonly csv: CsvFile;
  readonly types: readonly RecordType[];
  /** The type that was asked for. */
  readonly into: EntityId | null;
}) {
  const client = useClient();
  const toast = useToast();
  const undo = useUndo();
  const [, navigate] = useLocation();
  const [typeId, setTypeId] = useState<EntityId | null>(() => types.find(({ id }) => id === into)?.id ?? null);
  const type = types.find(({ id }) => id === typeId) ?? null;
  const [name, setName] = useState(() => typeNameFrom(file.name));
  const [icon, setIcon] = useState('list');
  const [plans, setPlans] = useState<readonly ColumnPlan[]>(() => planColumns(file.columns, type));
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string | null>(null);

  // Cut up in another way, or into another type, the file is planned anew.
  const basis = useRef({ columns: file.columns, typeId });
  useEffect(() => {
    if (basis.current.columns === file.columns && basis.current.typeId === typeId) return;
    basis.current = { columns: file.columns, typeId };
    setPlans(planColumns(file.columns, type));
  }, [file.columns, typeId, type]);

  const conversions = useConversions(file.rows, plans, types);
  const problems = useMemo(() => planProblems(plans, type), [plans, type]);
  const taken = plans.filter(({ target }) => target.kind !== 'skip');
  const ready = taken.every(({ column }) => conversions.has(column));
  const nameMissing = type === null && name.trim() === '';
  const change = (next: ColumnPlan) =>
    setPlans((all) => all.map((plan) => (plan.column === next.column ? next : plan)));

  const carryOut = async () => {
    setWorking(true);
    setError(null);
    const columns = taken.flatMap(({ column, target, keepMisfits }): readonly ReadyColumn[] => {
      const converted = conversions.get(column);
      return target.kind === 'skip' || converted === undefined
        ? []
        : [{ target: trimmed(target), converted, keepMisfits }];
    });
    const { command, type: goesTo } = await importCommand(
      columns,
      file.rows.length,
      type === null ? { kind: 'newType', name: name.trim(), icon } : { kind: 'type', id: type.id },
      { mintId: () => client.mintId(), label: `Import ${file.name}`.slice(0, 100) },
    );
    const outcome = await client.execute(command);
    setWorking(false);
    if (!outcome.ok) {
      setError(wordsForError(outcome.error));
      return;
    }
    navigate(`/t/${goesTo}`);
    toast({
      text: `Imported ${count(file.rows.length, 'record')}`,
      action: { label: 'Undo', onAction: () => undo('undo') },
    });
  };

  if (working) {
    return (
      <Page>
        <div className={styles.working} role="status" data-unsaved>
          <p>Saving {count(file.rows.length, 'record')}…</p>
          <Progress label="Saving" value={null} />
        </div>
      </Page>
    );
  }
  return (
    <Page wide>
      <div data-unsaved>
        <FileFacts file={file} csv={csv} />
        <PreviewTable rows={file.rows} plans={plans} conversions={conversions} />
        <Section title="Into">
          <div className={styles.into}>
            {types.length > 0 && (
              <Select
                label="Records of"
                choices={[{ id: NEW_TYPE, label: 'A new type' }, ...types.map(({ id, name }) => ({ id, label: name }))]}
                value={typeId ?? NEW_TYPE}
                onChange={(id) => setTypeId(types.find((each) => each.id === id)?.id ?? null)}
              />
            )}
            {type === null && (
              <div className={styles.newType}>
                <IconPicker icon={icon} onChange={setIcon} />
                <TextField
                  label="Name of the new type"
                  maxLength={100}
                  value={name}
                  error={nameMissing ? 'A name is needed' : undefined}
                  onChange={setName}
                />
              </div>
            )}
          </div>
        </Section>
        <Section
          title="Columns"
          note="Each becomes a field. Leave out what you do not need, and change the kind where the guess is wrong."
        >
          <ul className={styles.columns} aria-label="Columns">
            {plans.map((plan) => (
              <ColumnRow
                key={plan.column}
                plan={plan}
                type={type}
                examples={examplesOf(file, plan.column)}
                converted={conversions.get(plan.column)}
                problem={problems.get(plan.column)}
                onChange={change}
              />
            ))}
          </ul>
        </Section>
      </div>
      <div className={styles.finish}>
        {error !== null && <FieldError text={error} />}
        {problems.size > 0 && <FieldError text="See the columns marked above" />}
        <span className={styles.finishWords}>One transaction, one Undo</span>
        <Button
          variant="primary"
          isDisabled={!ready || taken.length === 0 || problems.size > 0 || nameMissing || file.rows.length === 0}
          onPress={() => void carryOut()}
        >
          Import {count(file.rows.length, 'record')}
        </Button>
      </div>
    </Page>
  );
}

const trimmed = (target: ReadyColumn['target']): ReadyColumn['target'] =>
  target.kind === 'new' ? { ...target, name: target.name.trim() } : target;

/** The first few different values of a column. */
function examplesOf(file: OpenFile, column: number): readonly string[] {
  const found = new Set<string>();
  for (const row of file.rows.slice(0, 200)) {
    const text = row.cells[column]?.trim() ?? '';
    if (text !== '') found.add(text.length > 40 ? `${text.slice(0, 40)}…` : text);
    if (found.size === 3) break;
  }
  return [...found];
}
