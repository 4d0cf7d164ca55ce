/** Applications that take uploads, as they come from their projects: how each is started, and how a person brings files in. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import { APPLICATIONS_FOLDER, hasApplications } from "../../../scripts/lib/applications.ts";
import { run } from "../../../scripts/lib/terminal.ts";
import { drop } from "../../support/gestures.ts";

/** Unpacked packages of Debian. */
const DEBIAN = join(APPLICATIONS_FOLDER, "debian");

const python = (name: string) => join(APPLICATIONS_FOLDER, "python/bin", name);

/** What a person does with files on the page of an application. */
type Way = (page: Page, paths: readonly string[]) => Promise<void>;

export interface Application {
  /** Which of the folders it is in. */
  readonly from: "python" | "debian";
  /** Writes what the application needs into its folder, once. */
  prepare?(folder: string): Promise<void>;
  /** The programs that serve it, with their arguments, and their environment. */
  serve(
    folder: string,
    port: number,
  ): {
    readonly commands: readonly (readonly string[])[];
    readonly env?: Readonly<Record<string, string>>;
  };
  /** Where people upload, and what is there once they can. */
  readonly path: string;
  readonly ready: string;
  /** Before that, once in each browser. */
  enter?(page: Page, url: string): Promise<void>;
  /** Takes one picture at a time. */
  readonly single?: true;
  readonly picturesOnly?: true;
  readonly ways: Readonly<Record<string, Way>>;
}

/** Where an application keeps what was uploaded, in its folder. */
export const STORED = "stored";

const dialog =
  (selector: string): Way =>
  async (page, paths) => {
    const opened = page.waitForEvent("filechooser");
    await page.locator(selector).first().click();
    await (await opened).setFiles([...paths]);
  };

const dropOn =
  (selector: string): Way =>
  (page, paths) =>
    drop(page, page.locator(selector).first(), paths);

/** Brings files in by one way, and does what is left to do. */
const then =
  (way: Way, finish: Way): Way =>
  async (page, paths) => {
    await way(page, paths);
    await finish(page, paths);
  };

const write = (folder: string, name: string, text: string) => writeFile(join(folder, name), text);

const NAME = "admin";
const PASSWORD = "a password for nobody";

/** Signs in where Django asks for it. */
async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}admin/`);
  await page.fill('input[name="username"]', NAME);
  await page.fill('input[name="password"]', PASSWORD);
  await page.click('[type="submit"]');
  await page.waitForLoadState();
}

async function manage(folder: string, ...args: string[]): Promise<void> {
  const { code, output } = await run(python("python"), ["manage.py", ...args], {
    cwd: folder,
    env: {
      DJANGO_SUPERUSER_USERNAME: NAME,
      DJANGO_SUPERUSER_PASSWORD: PASSWORD,
      DJANGO_SUPERUSER_EMAIL: "nobody@example.org",
      DJANGO_SETTINGS_MODULE: "settings",
    },
    quiet: true,
  });
  if (code !== 0) throw new Error(output);
}

const MANAGE = `import sys
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`;

const SETTINGS = `import os
HERE = os.path.dirname(__file__)
SECRET_KEY = "only for tests"
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = os.path.join(HERE, "${STORED}")
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(HERE, "db.sqlite3")}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages",
  "django.contrib.sessions", "django.contrib.staticfiles"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
  "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
  "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
  "django.contrib.messages.context_processors.messages"]}}]
`;

const djangoServer = (_: string, port: number) => ({
  commands: [[python("python"), "manage.py", "runserver", "--noreload", `${port}`]],
  env: { DJANGO_SETTINGS_MODULE: "settings" },
});

/** PHP with what both applications need; its packages are unpacked, not installed, so it has no settings of its own. */
const php = (...args: string[]) => [
  join(DEBIAN, "usr/bin/php8.2"),
  "-n",
  ...["-d", `include_path=.:${join(DEBIAN, "usr/share/php")}`],
  ...["-d", `extension_dir=${join(DEBIAN, "usr/lib/php/20220829")}`],
  ...PHP_EXTENSIONS.flatMap((name) => ["-d", `extension=${name}`]),
  ...args,
];

/** In the order in which they need each other. */
const PHP_EXTENSIONS = [
  ...["ctype", "iconv", "tokenizer", "fileinfo", "exif", "posix", "dom", "xml", "simplexml", "xmlreader"],
  ...["mbstring", "gd", "intl", "curl", "mysqlnd", "mysqli"],
];

const LIBRARIES = { LD_LIBRARY_PATH: join(DEBIAN, "usr/lib/x86_64-linux-gnu") };

/** Several requests at once, as a browser makes them. */
const PHP_SERVER = { ...LIBRARIES, PHP_CLI_SERVER_WORKERS: "4" };

const database = (folder: string) => [
  ...[`--basedir=${join(DEBIAN, "usr")}`, `--datadir=${join(folder, "database")}`, "--user=root"],
  "--skip-name-resolve",
];

const databaseServer = (folder: string) => [
  ...[join(DEBIAN, "usr/sbin/mariadbd"), "--no-defaults", ...database(folder), "--skip-networking"],
  `--socket=${join(folder, "database.sock")}`,
];

async function runOrThrow([program = "", ...args]: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await run(program, args, { cwd, env: LIBRARIES, quiet: true });
  if (code !== 0) throw new Error(output);
}

/** Makes the database of WordPress, and lets it fill it. */
async function installWordPress(folder: string): Promise<void> {
  const make = [join(DEBIAN, "usr/bin/mariadb-install-db"), "--no-defaults", ...database(folder)];
  await runOrThrow([...make, "--auth-root-authentication-method=normal", "--skip-test-db"], folder);
  const [program = "", ...args] = databaseServer(folder);
  const server = spawn(program, args, { env: { ...process.env, ...LIBRARIES }, stdio: "ignore" });
  const ended = once(server, "exit");
  const client = [join(DEBIAN, "usr/bin/mariadb"), "--no-defaults", "--user=root", args.at(-1) as string];
  try {
    for (let tries = 100; ; tries--)
      try {
        await runOrThrow([...client, "-e", "CREATE DATABASE wordpress"], folder);
        break;
      } catch (error) {
        if (tries === 0) throw error;
        await setTimeout(300);
      }
    await runOrThrow(php(join(folder, "install.php")), folder);
  } finally {
    server.kill();
    await ended;
  }
}

/** In DokuWiki a person sees the files in a list, and sends them then. */
async function uploadListed(page: Page, paths: readonly string[]): Promise<void> {
  await page
    .locator(".qq-upload-list > *")
    .nth(paths.length - 1)
    .waitFor();
  await page.click("#mediamanager__upload_button");
}

const ALL: Readonly<Record<string, Application>> = {
  gradio: {
    from: "python",
    async prepare(folder) {
      const code = `import gradio
with gradio.Blocks() as demo:
    files = gradio.File(file_count="multiple")
    files.upload(lambda files: len(files), files, gradio.Number(label="files"))
    picture = gradio.Image(type="filepath", sources=["upload", "clipboard"])
    picture.change(lambda path: path, picture, gradio.Textbox(label="path"))
demo.launch()
`;
      await write(folder, "app.py", code);
    },
    serve: (folder, port) => ({
      commands: [[python("python"), "app.py"]],
      env: {
        GRADIO_SERVER_PORT: `${port}`,
        GRADIO_TEMP_DIR: join(folder, STORED),
        GRADIO_ANALYTICS_ENABLED: "False",
      },
    }),
    path: "",
    ready: "button:has(input[type=file])",
    ways: {
      dialog: dialog("button:has(input[type=file])"),
      drop: dropOn("button:has(input[type=file])"),
      paste: async (page) => {
        await page
          .getByRole("button", { name: /clipboard|paste/i })
          .first()
          .click();
      },
    },
  },

  streamlit: {
    from: "python",
    async prepare(folder) {
      const code = `import os, streamlit
for file in streamlit.file_uploader("pictures", accept_multiple_files=True):
    with open(os.path.join("${STORED}", file.name), "wb") as out:
        out.write(file.getvalue())
`;
      await write(folder, "app.py", code);
    },
    serve: (_, port) => ({
      commands: [
        [
          ...[python("streamlit"), "run", "app.py", "--server.headless=true", `--server.port=${port}`],
          ...["--browser.gatherUsageStats=false", "--server.fileWatcherType=none"],
        ],
      ],
    }),
    path: "",
    ready: '[data-testid="stFileUploaderDropzone"]',
    ways: {
      dialog: dialog('[data-testid="stFileUploaderDropzone"] button'),
      drop: dropOn('[data-testid="stFileUploaderDropzone"]'),
    },
  },

  jupyterlab: {
    from: "python",
    serve: (folder, port) => ({
      commands: [
        [
          ...[
            python("jupyter-lab"),
            "--no-browser",
            "--allow-root",
            `--port=${port}`,
            "--expose-app-in-browser",
          ],
          ...["--IdentityProvider.token=", `--ServerApp.root_dir=${join(folder, STORED)}`],
        ],
      ],
      env: { JUPYTER_CONFIG_DIR: join(folder, "config"), JUPYTER_DATA_DIR: join(folder, "data") },
    }),
    path: "lab",
    ready: ".jp-DirListing-content",
    ways: {
      dialog: dialog('[data-command="filebrowser:upload"], [title^="Upload Files"]'),
      drop: async (page, paths) => {
        await page.locator(".jp-DirListing-content").waitFor();
        await dropOn(".jp-DirListing-content")(page, paths);
      },
    },
  },

  "django-admin": {
    from: "python",
    async prepare(folder) {
      await mkdir(join(folder, "pictures"));
      await write(folder, "manage.py", MANAGE);
      await write(folder, "settings.py", `${SETTINGS}INSTALLED_APPS += ["pictures"]\n`);
      await write(
        folder,
        "urls.py",
        'from django.contrib import admin\nfrom django.urls import path\nurlpatterns = [path("admin/", admin.site.urls)]\n',
      );
      await write(folder, "pictures/__init__.py", "");
      const models = `from django.contrib import admin
from django.db import models
class Picture(models.Model):
    image = models.ImageField()
admin.site.register(Picture)
`;
      await write(folder, "pictures/models.py", models);
      await manage(folder, "migrate", "--run-syncdb");
      await manage(folder, "createsuperuser", "--noinput");
    },
    serve: djangoServer,
    enter: signIn,
    path: "admin/pictures/picture/add/",
    ready: "#id_image",
    single: true,
    ways: {
      dialog: then(dialog("#id_image"), (page) => page.click('[name="_save"]')),
      drop: then(dropOn("#id_image"), (page) => page.click('[name="_save"]')),
    },
  },

  wagtail: {
    from: "python",
    async prepare(folder) {
      await write(folder, "manage.py", MANAGE);
      const settings = `${SETTINGS}INSTALLED_APPS += ["wagtail.embeds", "wagtail.sites", "wagtail.users", "wagtail.snippets",
  "wagtail.documents", "wagtail.images", "wagtail.search", "wagtail.admin", "wagtail.contrib.forms", "wagtail.contrib.redirects",
  "wagtail", "modelcluster", "taggit"]
WAGTAIL_SITE_NAME = "test"
WAGTAILADMIN_BASE_URL = "http://localhost"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_ENABLE_UPDATE_CHECK = False
`;
      await write(folder, "settings.py", settings);
      const urls = `from django.urls import include, path
from wagtail.admin import urls
urlpatterns = [path("admin/", include(urls))]
`;
      await write(folder, "urls.py", urls);
      await manage(folder, "migrate");
      await manage(folder, "createsuperuser", "--noinput");
    },
    serve: djangoServer,
    enter: signIn,
    picturesOnly: true,
    path: "admin/images/multiple/add/",
    ready: "#fileupload",
    ways: {
      dialog: async (page, paths) => {
        await page.locator("#fileupload").setInputFiles([...paths]);
      },
      drop: dropOn(".drop-zone"),
    },
  },

  dokuwiki: {
    from: "debian",
    async prepare(folder) {
      const site = join(folder, "site");
      const everything = { recursive: true, dereference: true };
      await cp(join(DEBIAN, "usr/share/dokuwiki"), site, everything);
      await cp(join(DEBIAN, "etc/dokuwiki"), join(folder, "conf"), everything);
      await cp(join(DEBIAN, "var/lib/dokuwiki/data"), join(folder, "data"), everything);
      // Debian's package names other packages by where they are installed.
      for (const part of ["vendor/composer", "lib/exe"])
        for (const name of await readdir(join(site, part))) {
          if (!name.endsWith(".php")) continue;
          const path = join(site, part, name);
          const text = await readFile(path, "utf8");
          await writeFile(path, text.replaceAll("/usr/share/", join(DEBIAN, "usr/share/")));
        }
      const preload = `<?php
define('DOKU_MAIN_CONF', '${folder}/conf/');
define('DOKU_CONF', '${folder}/conf/');
`;
      await write(site, "inc/preload.php", preload);
      const local = `<?php
$conf['savedir'] = '${folder}/data';
$conf['mediadir'] = '${join(folder, STORED)}';
$conf['useacl'] = 0;
$conf['updatecheck'] = 0;
`;
      await write(folder, "conf/local.php", local);
    },
    serve: (folder, port) => ({
      commands: [php("-S", `localhost:${port}`, "-t", join(folder, "site"))],
      env: PHP_SERVER,
    }),
    path: "doku.php?id=start&do=media&tab_files=upload",
    ready: ".qq-upload-button",
    picturesOnly: true,
    ways: {
      dialog: then(dialog(".qq-upload-button"), uploadListed),
      drop: then(dropOn(".qq-uploader"), uploadListed),
    },
  },

  wordpress: {
    from: "debian",
    async prepare(folder) {
      const site = join(folder, "site");
      await cp(join(DEBIAN, "usr/share/wordpress"), site, { recursive: true, dereference: true });
      const config = `<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:${folder}/database.sock');
define('CONCATENATE_SCRIPTS', false);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
define('WP_SITEURL', 'http://' . ($_SERVER['HTTP_HOST'] ?? 'localhost'));
define('WP_HOME', WP_SITEURL);
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`;
      await write(site, "wp-config.php", config);
      await symlink(join(folder, STORED), join(site, "wp-content/uploads"));
      const install = `<?php
define('WP_INSTALLING', true);
require '${site}/wp-load.php';
require_once '${site}/wp-admin/includes/upgrade.php';
wp_install('test', '${NAME}', 'nobody@example.org', false, '', '${PASSWORD}');
`;
      await write(folder, "install.php", install);
      await installWordPress(folder);
    },
    serve: (folder, port) => ({
      commands: [databaseServer(folder), php("-S", `localhost:${port}`, "-t", join(folder, "site"))],
      env: PHP_SERVER,
    }),
    async enter(page, url) {
      await page.goto(`${url}wp-login.php`);
      await page.fill("#user_login", NAME);
      await page.fill("#user_pass", PASSWORD);
      await page.click("#wp-submit");
      await page.waitForURL(/wp-admin/);
    },
    path: "wp-admin/media-new.php",
    ready: "#plupload-browse-button",
    picturesOnly: true,
    ways: {
      dialog: dialog("#plupload-browse-button"),
      drop: dropOn("#drag-drop-area"),
    },
  },
};

/** Those that are installed. */
export const APPLICATIONS = Object.entries(ALL).filter(([, { from }]) => hasApplications(from));
