/** The address of a page or file of this site, given from its root ('/lab/'), wherever the site itself stands (see BASE in astro.config.mjs). */
export const link = (path: `/${string}`) => import.meta.env.BASE_URL.replace(/\/$/, '') + path;
