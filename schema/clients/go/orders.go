// Lists orders, begins one, and follows it until it is discarded, whatever the network does.
//
//	go tool genqlient && go build -o orders && ./orders BASKET
//
// BASKET names what is bought: the same name again gives the same order. Where the server is comes
// from ORDERLOG_URL, who asks from ORDERLOG_TOKEN.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const pause = 250 * time.Millisecond

var (
	url    = cmp.Or(os.Getenv("ORDERLOG_URL"), "http://localhost:8000/graphql")
	token  = os.Getenv("ORDERLOG_TOKEN")
	web    = &http.Client{Transport: bearer{}}
	client = graphql.NewClient(url, web)
)

// bearer adds the token to every request.
type bearer struct{}

func (bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	if token != "" {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return http.DefaultTransport.RoundTrip(request)
}

// ask tries until there is an answer: a query may be sent again, and so may a mutation with a key.
func ask[Answer any](try func(context.Context) (Answer, error)) Answer {
	for {
		answer, err := try(context.Background())
		if err == nil {
			return answer
		}
		if isRefused(err) {
			log.Fatal(err)
		}
		time.Sleep(pause)
	}
}

// isRefused says whether the answer would be the same: to a bad token, or a bad question.
func isRefused(err error) bool {
	var questions gqlerror.List
	var status *graphql.HTTPError
	return errors.As(err, &questions) || errors.As(err, &status) && status.StatusCode < 500
}

// follow tells each event of an order once, over any number of connections.
func follow(orderID string, each func(OrderEventsOrderEventsDomainEvent) bool) {
	beginning := "0"
	last := beginning
	question, _ := json.Marshal(map[string]any{
		"query":     OrderEvents_Operation,
		"variables": map[string]string{"orderId": orderID, "after": beginning},
	})
	for listen(question, &last, each) {
		time.Sleep(pause)
	}
}

// listen reads server-sent events until the connection breaks; false when that was all.
func listen(question []byte, last *string, each func(OrderEventsOrderEventsDomainEvent) bool) bool {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(question))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Last-Event-ID", *last) // goes on after it
	response, err := web.Do(request)
	if err != nil {
		return true
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		data, isData := strings.CutPrefix(lines.Text(), "data: ")
		var answer struct{ Data *OrderEventsResponse }
		if !isData || json.Unmarshal([]byte(data), &answer) != nil || answer.Data == nil {
			continue
		}
		*last = answer.Data.OrderEvents.Position
		if !each(answer.Data.OrderEvents) {
			return false
		}
	}
	return true
}

func say(line any) {
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func main() {
	first, newest := 3, OrderSortPlacedAtDesc
	orders := ask(func(ctx context.Context) (*OrdersResponse, error) {
		return Orders(ctx, client, &first, nil, nil, &newest)
	}).Orders
	numbers := make([]*string, 0, first)
	for _, order := range orders.Nodes {
		numbers = append(numbers, order.Number)
	}
	say(map[string]any{"count": orders.TotalCount, "newest": numbers})

	basket, email, price := strings.Join(os.Args[1:], " "), "ada@example.org", "2.50"
	payload := ask(func(ctx context.Context) (*CreateDraftOrderResponse, error) {
		return CreateDraftOrder(ctx, client, CreateDraftOrderInput{
			Currency:       "GBP",
			GuestEmail:     &email,
			IdempotencyKey: &basket,
			Lines: []OrderLineInput{{
				Sku: "TEA", Title: "Tea", Quantity: 2,
				UnitPrice: MoneyInput{Amount: &price, Currency: "GBP"},
			}},
		})
	}).CreateDraftOrder
	order := payload.Order
	if order == nil {
		log.Fatal(payload.Errors)
	}
	say(map[string]any{
		"orderId": order.OrderId, "total": order.Total.Amount, "replayed": payload.Replayed,
	})

	follow(order.OrderId, func(event OrderEventsOrderEventsDomainEvent) bool {
		say(map[string]any{"position": event.Position, "type": event.Type})
		return event.Type != "DraftDiscarded"
	})
}
