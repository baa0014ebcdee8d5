import { InstallHint } from './install-hint.tsx';
import { KeepStorage } from './keep-storage.tsx';
import { UpdateBanner } from './update-banner.tsx';

/** What the app has to say about itself, above every screen. */
export function Notices() {
  return (
    <>
      <KeepStorage />
      <UpdateBanner />
      <InstallHint />
    </>
  );
}
