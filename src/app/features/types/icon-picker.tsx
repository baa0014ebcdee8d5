import { createElement } from 'react';
import { Button } from 'react-aria-components/Button';
import { Popover } from '../../ui/popover.tsx';
import styles from './icon-picker.module.css';
import { iconOfType, TYPE_ICONS } from './type-icons.ts';

/** The icon of a type, which opens the set to choose from. */
export function IconPicker({
  icon,
  onChange,
}: {
  readonly icon: string | null;
  readonly onChange: (icon: string) => void;
}) {
  const name = TYPE_ICONS.find((each) => each.name === icon)?.label ?? 'Page';
  return (
    <Popover
      label="Icons"
      placement="bottom start"
      trigger={
        <Button className={styles.button ?? ''} aria-label={`Icon: ${name}`}>
          {createElement(iconOfType(icon), { 'aria-hidden': true, size: 22, strokeWidth: 1.7 })}
        </Button>
      }
    >
      {(close) => (
        <div className={styles.grid} role="group" aria-label="Choose an icon">
          {TYPE_ICONS.map(({ name: key, label, icon: Icon }) => (
            <Button
              key={key}
              className={styles.choice ?? ''}
              aria-label={label}
              aria-pressed={key === icon}
              onPress={() => {
                onChange(key);
                close();
              }}
            >
              <Icon aria-hidden size={20} strokeWidth={1.7} />
            </Button>
          ))}
        </div>
      )}
    </Popover>
  );
}
