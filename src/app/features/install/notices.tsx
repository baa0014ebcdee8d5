import { later } from '../../ui/later.tsx';
import { CarriedOver } from './carried-over.tsx';
import { InstallHint } from './install-hint.tsx';
import { KeepStorage } from './keep-storage.tsx';
import { TransferStrip } from '../status/transfer-strip.tsx';
import { UpdateBanner } from './update-banner.tsx';

const Preparing = later(async () => (await import('./preparing.tsx')).Preparing);
const RepairBanner = later(async () => (await import('../health/repair-banner.tsx')).RepairBanner);

/** What the app has to say about itself, above every screen. */
export function Notices() {
  return (
    <>
      <CarriedOver />
      <KeepStorage />
      <RepairBanner />
      <UpdateBanner />
      <TransferStrip />
      <Preparing />
      <InstallHint />
    </>
  );
}
