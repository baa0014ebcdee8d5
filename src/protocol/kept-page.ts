/** The page of the app, which answers for every address that a person may have open. */
export const PAGE = '/index.html';

/** Whether an address is answered with the page. One with a dot in its last part is a file: the server's to find if it is not kept. */
export function isAnsweredWithPage(pathname: string): boolean {
  return !pathname.slice(pathname.lastIndexOf('/')).includes('.');
}
