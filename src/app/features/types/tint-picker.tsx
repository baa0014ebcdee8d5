import { Button } from 'react-aria-components/Button';
import { Popover } from '../../ui/popover.tsx';
import styles from './tint-picker.module.css';

/** Names of the tints, by number. */
const TINTS = ['Grey', 'Green', 'Amber', 'Red', 'Blue', 'Teal', 'Rose', 'Olive'] as const;

/** The tint of an option, which opens the eight to choose from. */
export function TintPicker({
  option,
  tint,
  onChange,
}: {
  /** Name of the option. */
  readonly option: string;
  readonly tint: number;
  readonly onChange: (tint: number) => void;
}) {
  return (
    <Popover
      label="Colours"
      placement="bottom start"
      trigger={
        <Button className={styles.button ?? ''} aria-label={`Colour of ${option}: ${TINTS[tint] ?? TINTS[0]}`}>
          <Swatch tint={tint} />
        </Button>
      }
    >
      {(close) => (
        <div className={styles.grid} role="group" aria-label="Choose a colour">
          {TINTS.map((name, index) => (
            <Button
              key={name}
              className={styles.button ?? ''}
              aria-label={name}
              aria-pressed={index === tint}
              onPress={() => {
                onChange(index);
                close();
              }}
            >
              <Swatch tint={index} />
            </Button>
          ))}
        </div>
      )}
    </Popover>
  );
}

function Swatch({ tint }: { readonly tint: number }) {
  return (
    <span
      className={styles.swatch}
      style={{
        background: `var(--tint-${tint})`,
        borderColor: `color-mix(in oklch, var(--tint-${tint}-ink) 60%, transparent)`,
      }}
    />
  );
}
