import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { Moment } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { later } from '../../ui/later.tsx';

const RestoreDialog = later(async () => (await import('./restore-dialog.tsx')).RestoreDialog);

/** Offers to make records again what they were at the moment that is looked at; says what that changes before it does. */
export function RestoreButton({ ids, moment }: { readonly ids: readonly EntityId[]; readonly moment: Moment }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" icon={<RotateCcw aria-hidden />} onPress={() => setOpen(true)}>
        {ids.length === 1 ? 'Restore this record' : `Restore ${ids.length.toLocaleString()} records`}
      </Button>
      {open && <RestoreDialog ids={ids} moment={moment} onClose={() => setOpen(false)} />}
    </>
  );
}
