import { Text } from "@mantine/core";
import { useLayoutEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { OperationsPage } from "../operations/OperationsPage";
import { OrderPage } from "../orders/OrderPage";
import { OrdersPage } from "../orders/OrdersPage";
import { SalesPage } from "../sales/SalesPage";
import { StockPage } from "../stock/StockPage";
import { PageTitle } from "../ui/PageTitle";
import { Boundary } from "./Boundary";
import { Shell } from "./Shell";

export function App() {
  const [path] = useLocation();
  return (
    <Shell>
      <Boundary key={path}>
        <FromTheTop />
        <Switch>
          <Route path="/" component={OrdersPage} />
          <Route path="/orders/:id">{({ id }) => <OrderPage key={id} id={id} />}</Route>
          <Route path="/stock" component={StockPage} />
          <Route path="/sales" component={SalesPage} />
          <Route path="/operations" component={OperationsPage} />
          <Route component={NotFound} />
        </Switch>
      </Boundary>
    </Shell>
  );
}

/** Stands before the page, so that one which knows the reader's place has the last word. */
function FromTheTop() {
  useLayoutEffect(() => {
    scrollTo(0, 0);
  }, []);
  return null;
}

const NotFound = () => (
  <>
    <PageTitle title="Nothing here" />
    <Text>This address leads nowhere. The navigation knows all pages that exist.</Text>
  </>
);
