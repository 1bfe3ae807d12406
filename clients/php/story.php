<?php
// The story with php-amqplib: one thread that waits, a connection opened again when it is lost.
require_once 'PhpAmqpLib/autoload.php';

use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Exception\AMQPConnectionClosedException;
use PhpAmqpLib\Exception\AMQPExceptionInterface;
use PhpAmqpLib\Exception\AMQPTimeoutException;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPTable;

const MESSAGES = 100;
const PREFETCH = 10;
const PATIENCE = 5.0;

[, $url, $prefix] = $argv;
define('EVENTS', "$prefix.events");
define('WORK', "$prefix.work");
define('DEAD', "$prefix.dead");
define('RPC', "$prefix.rpc");

function step(string $text): void
{
    echo "step: $text\n";
}

function expect(bool $good, string $what): void
{
    if (!$good) {
        throw new RuntimeException($what);
    }
}

function connect(string $url): AMQPStreamConnection
{
    $parts = parse_url($url);
    return new AMQPStreamConnection($parts['host'], $parts['port'], $parts['user'], $parts['pass'], '/');
}

function connect_again(string $url): AMQPStreamConnection
{
    for ($attempt = 0; ; $attempt++) {
        try {
            return connect($url);
        } catch (AMQPExceptionInterface $error) {
            expect($attempt < 100, "cannot connect again: {$error->getMessage()}");
            usleep(50_000);
        }
    }
}

/** @return array{string, int, int} the queue's name, its messages, its consumers */
function declare_all(AMQPChannel $channel): array
{
    $channel->exchange_declare(EVENTS, 'topic', false, true, false);
    $channel->exchange_declare(DEAD, 'fanout', false, true, false);
    $channel->queue_declare(DEAD, false, true, false, false);
    $channel->queue_bind(DEAD, DEAD);
    $dead_letters = new AMQPTable(['x-dead-letter-exchange' => DEAD]);
    $counts = $channel->queue_declare(WORK, false, true, false, false, false, $dead_letters);
    $channel->queue_bind(WORK, EVENTS, 'order.#');
    return $counts;
}

function publish_with_confirms(AMQPChannel $channel): void
{
    $confirmed = 0;
    $channel->set_ack_handler(function () use (&$confirmed) {
        $confirmed++;
    });
    $channel->confirm_select();
    for ($number = 0; $number < MESSAGES; $number++) {
        $message = new AMQPMessage((string) $number, ['delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT]);
        $channel->basic_publish($message, EVENTS, 'order.created');
    }
    $channel->wait_for_pending_acks(PATIENCE);
    step("confirmed $confirmed");
}

function consume_with_prefetch(AMQPStreamConnection $connection): void
{
    $channel = $connection->channel();
    $channel->basic_qos(0, PREFETCH, false);
    $bodies = $unacknowledged = [];
    $on_message = function (AMQPMessage $message) use (&$bodies, &$unacknowledged) {
        $bodies[] = (int) $message->getBody();
        $unacknowledged[] = $message;
    };
    $tag = $channel->basic_consume(WORK, '', false, false, false, false, $on_message);
    while (count($bodies) < MESSAGES) {
        while (count($unacknowledged) < PREFETCH) {
            $channel->wait(null, false, PATIENCE);
        }
        try {
            $channel->wait(null, false, 0.01);
            expect(false, 'more than the prefetch count came');
        } catch (AMQPTimeoutException) {
        }
        end($unacknowledged)->ack(true);
        $unacknowledged = [];
    }
    $channel->basic_cancel($tag);
    $channel->close();
    expect($bodies === range(0, MESSAGES - 1), implode(' ', $bodies));
    step('consumed ' . MESSAGES . ' in order, at most ' . PREFETCH . ' unacknowledged');
}

function publish_unroutable(AMQPChannel $channel): void
{
    $returned = null;
    $channel->set_return_listener(function ($code, $text, $exchange, $key, AMQPMessage $message) use (&$returned) {
        expect([$exchange, $key, $message->getBody()] === [EVENTS, 'nobody.cares', 'lost'], 'another message');
        $returned = "$code $text";
    });
    $channel->basic_publish(new AMQPMessage('lost'), EVENTS, 'nobody.cares', true);
    $channel->wait_for_pending_acks_returns(PATIENCE);
    step("returned $returned");
}

function get(AMQPChannel $channel, string $queue): AMQPMessage
{
    for ($attempt = 0; $attempt < 500; $attempt++) {
        if ($message = $channel->basic_get($queue)) {
            return $message;
        }
        usleep(10_000);
    }
    throw new RuntimeException("no message came to $queue");
}

function dead_letter(AMQPChannel $channel): void
{
    $reasons = [];
    foreach ([[], ['expiration' => '10']] as $properties) {
        $channel->basic_publish(new AMQPMessage('dead', $properties), EVENTS, 'order.late');
        if (!$properties) {
            get($channel, WORK)->reject(false);
        }
        $message = get($channel, DEAD);
        $death = $message->get('application_headers')->getNativeData()['x-death'][0];
        expect([$death['queue'], $death['exchange'], $death['count']] == [WORK, EVENTS, 1], json_encode($death));
        $reasons[] = $death['reason'];
        $message->ack();
    }
    step('dead-lettered ' . implode(', ', $reasons));
}

function call(AMQPStreamConnection $connection): void
{
    $channel = $connection->channel();
    $channel->queue_declare(RPC, false, false, true);
    $channel->basic_consume(RPC, '', false, false, false, false, function (AMQPMessage $request) use ($channel) {
        $reply = new AMQPMessage((string) (7 * (int) $request->getBody()), [
            'correlation_id' => $request->get('correlation_id'),
        ]);
        $channel->basic_publish($reply, '', $request->get('reply_to'));
        $request->ack();
    });
    $answer = null;
    $on_answer = function (AMQPMessage $message) use (&$answer) {
        expect($message->get('correlation_id') === 'c1', 'another correlation id');
        $answer = $message->getBody();
    };
    $channel->basic_consume('amq.rabbitmq.reply-to', '', false, true, false, false, $on_answer);
    $properties = ['reply_to' => 'amq.rabbitmq.reply-to', 'correlation_id' => 'c1'];
    $channel->basic_publish(new AMQPMessage('6', $properties), '', RPC);
    while ($answer === null) {
        $channel->wait(null, false, PATIENCE);
    }
    $channel->close();
    step("answered $answer");
}

function wait_until_lost(AMQPChannel $channel): void
{
    // Something to wait for: without a consumer the library would not read.
    $channel->basic_consume(DEAD, '', false, true, false, false, fn() => null);
    echo "restart\n";
    try {
        while (true) {
            $channel->wait(null, false, 30);
        }
    } catch (AMQPTimeoutException $error) {
        throw $error;
    } catch (AMQPExceptionInterface | ErrorException) {
    }
}

/** @return array{AMQPStreamConnection, AMQPChannel} */
function recover(string $url, AMQPChannel $channel): array
{
    wait_until_lost($channel);
    $connection = connect_again($url);
    $channel = $connection->channel();
    declare_all($channel);
    $channel->confirm_select();
    $channel->basic_publish(new AMQPMessage('after', ['delivery_mode' => 2]), EVENTS, 'order.again', true);
    $channel->wait_for_pending_acks_returns(PATIENCE);
    $message = get($channel, WORK);
    expect($message->getBody() === 'after', $message->getBody());
    $message->ack();
    step('recovered');
    return [$connection, $channel];
}

function close_all(AMQPStreamConnection $connection, AMQPChannel $channel): void
{
    foreach ([WORK, DEAD] as $queue) {
        $channel->queue_delete($queue);
    }
    foreach ([EVENTS, DEAD] as $exchange) {
        $channel->exchange_delete($exchange);
    }
    $channel->close();
    $connection->close();
    step('closed');
}

$connection = connect($url);
$channel = $connection->channel();
[, $messages, $consumers] = declare_all($channel);
step("declared, $messages messages, $consumers consumers");
publish_with_confirms($channel);
consume_with_prefetch($connection);
publish_unroutable($channel);
dead_letter($channel);
call($connection);
close_all(...recover($url, $channel));
