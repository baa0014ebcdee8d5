import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useLocation } from 'wouter';
import { wordsForError } from '../../outcome-words.ts';
import type { Template } from '../../templates/template.ts';
import { templateCommand } from '../../templates/template-command.ts';
import { TEMPLATES } from '../../templates/templates.ts';
import { FieldError } from '../../ui/field-frame.tsx';
import { useClient } from '../../use-client.tsx';
import { iconOfType } from '../types/type-icons.ts';
import styles from './first-run.module.css';

/** The ready-made starts. One press makes types, fields and samples in one transaction, and opens the first type. */
export function TemplateList() {
  const client = useClient();
  const [, navigate] = useLocation();
  const [making, setMaking] = useState<Template['key'] | null>(null);
  const [error, setError] = useState<string | null>(null);

  const make = async (template: Template) => {
    setMaking(template.key);
    setError(null);
    const { command, opens } = templateCommand(template, { mintId: () => client.mintId(), now: new Date() });
    const outcome = await client.execute(command);
    setMaking(null);
    if (outcome.ok) navigate(`/t/${opens}`);
    else setError(wordsForError(outcome.error));
  };

  return (
    <>
      {error !== null && (
        <div className={styles.error}>
          <FieldError text={error} />
        </div>
      )}
      <ul className={styles.list} aria-label="Templates">
        {TEMPLATES.map((template) => {
          const Icon = iconOfType(template.icon);
          return (
            <li key={template.key}>
              <Button
                className={styles.row ?? ''}
                isDisabled={making !== null && making !== template.key}
                onPress={() => making === null && void make(template)}
              >
                <span className={styles.icon}>
                  <Icon aria-hidden size={22} strokeWidth={1.6} />
                </span>
                <span className={styles.words}>
                  <span className={styles.name}>{template.name}</span>
                  <span className={styles.summary}>{template.summary}</span>
                </span>
                <ChevronRight aria-hidden size={18} className={styles.arrow} />
              </Button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
