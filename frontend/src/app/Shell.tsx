import { AppShell, Burger, Group, ScrollArea } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { type ReactNode, useEffect } from "react";
import { Link, useLocation } from "wouter";
import { graphql } from "../gql";
import { togglePause } from "../graphql/connection";
import { type Field, may } from "../graphql/may";
import { useSession } from "../graphql/session";
import { useRead } from "../graphql/useRead";
import { Bearer } from "./Bearer";
import { ConnectionState } from "./ConnectionState";
import { KeyHelp } from "./KeyHelp";
import { SchemeSwitch } from "./SchemeSwitch";
import { SessionBar } from "./SessionBar";
import classes from "./Shell.module.css";

interface Page {
  path: string;
  name: string;
  /** What it cannot do without: who may not ask for it is not shown the way there. */
  needs: Field;
}

const PAGES: Page[] = [
  { path: "/", name: "Orders", needs: "Query.orders" },
  { path: "/stock", name: "Stock", needs: "Query.stockItems" },
  { path: "/sales", name: "Sales", needs: "Query.salesByPeriod" },
  { path: "/operations", name: "Operations", needs: "Query.projections" },
];

export function Shell({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure();
  const [path] = useLocation();
  const { claims } = useSession();
  useHotkeys([["p", togglePause]]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu
  useEffect(close, [path]);

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "sm", sm: "lg" }}
      classNames={{ main: classes.main, header: classes.bar, navbar: classes.bar }}
    >
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
            />
            <Link href="/" className={classes.brand}>
              <img src="/icon.svg" alt="" width="24" height="24" />
              <span className={classes.name}>orderlog</span>
            </Link>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <ConnectionState />
            <SchemeSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <AppShell.Section grow component={ScrollArea}>
          <nav aria-label="Pages">
            {PAGES.filter(({ needs }) => may(needs, claims)).map(({ path: to, name }) => (
              <NavigationLink key={to} path={to} name={name} current={path} />
            ))}
            <a href="/playground" className={classes.link}>
              Playground
            </a>
          </nav>
        </AppShell.Section>
        <Bearer />
        <AppShell.Section className={classes.foot}>
          <Version />
          <KeyHelp />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main>
        <SessionBar />
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

const VERSION = graphql(`
  query Version {
    version
  }
`);

function Version() {
  const { data } = useRead(VERSION, {});
  return <span>{data && `orderlog ${data.version}`}</span>;
}

function NavigationLink({ path, name, current }: { path: string; name: string; current: string }) {
  const here = current === path || (path === "/" && current.startsWith("/orders"));
  return (
    <Link href={path} className={classes.link} aria-current={here ? "page" : undefined}>
      {name}
    </Link>
  );
}
