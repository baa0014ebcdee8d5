import { type ReactNode, useRef } from 'react';
import { Button } from '../../ui/button.tsx';

/** A button that lets one choose a file. */
export function ChooseFile({
  label,
  icon,
  accept,
  onFile,
}: {
  /** On the button, and of the field behind it. */
  readonly label: string;
  readonly icon: ReactNode;
  readonly accept: string;
  readonly onFile: (file: File) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon={icon} onPress={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
    </>
  );
}
