#!/usr/bin/php
<?php
// A client under test: php-amqplib, driven by JSON lines (see README.md in this folder).
//
// What it shares its only thread with is in php_amqplib_serving.php.
declare(strict_types=1);

require_once 'PhpAmqpLib/autoload.php';
require_once __DIR__ . '/php_amqplib_operations.php';
require_once __DIR__ . '/php_amqplib_serving.php';
require_once __DIR__ . '/php_amqplib_values.php';

use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Exception\AMQPChannelClosedException;
use PhpAmqpLib\Exception\AMQPExceptionInterface;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Package;

ini_set('display_errors', 'stderr');

class Shim
{
    use Operations;
    use Serving;

    private ?AMQPStreamConnection $connection = null;
    /** @var array<int, AMQPChannel> by the number the harness uses */
    private array $channels = [];
    /** @var array<int, string> how a channel confirms: select or asynchronous */
    private array $confirming = [];
    private bool $nacked = false;
    private ?string $returned = null;

    public function run(): void
    {
        $operations = array_map(fn ($name) => str_replace('__', '.', substr($name, 3)), $this->operations());
        sort($operations);
        say(['hello' => ['contract' => 1, 'library' => 'php-amqplib', 'version' => Package::VERSION,
            'language' => 'php ' . PHP_VERSION, 'operations' => $operations]]);
        stream_set_blocking(STDIN, false);
        while (($request = $this->next_request()) !== null) {
            $request === '' ? $this->serve() : $this->work_on(request_from_json($request));
        }
        $this->drop_connection();
    }

    private function operations(): array
    {
        return array_values(array_filter(get_class_methods($this), fn ($name) => str_starts_with($name, 'do_')));
    }

    private function work_on(array $request): void
    {
        $answer = ['id' => $request['id']];
        $name = 'do_' . str_replace('.', '__', $request['op']);
        try {
            if (!method_exists($this, $name)) {
                throw new Unsupported("this shim has no operation {$request['op']}");
            }
            $answer['result'] = (object) $this->$name(...($request['with'] ?? []));
        } catch (Unsupported $refusal) {
            $answer['unsupported'] = $refusal->getMessage();
        } catch (Refused | AMQPExceptionInterface | InvalidArgumentException $error) {
            $answer['error'] = described($error, $request['op'] === 'connect');
            if (in_array($answer['error']['kind'], ['connection_closed', 'connection_lost', 'protocol_error'])) {
                $this->forget_connection();
            }
        }
        say($answer);
    }

    /** After an error of the connection an application drops it; the library leaves its socket open after some. */
    private function forget_connection(): void
    {
        $connection = $this->connection;
        $this->connection = null;
        $this->channels = $this->confirming = [];
        if ($connection) {
            $connection->set_close_on_destruct(false);
            $connection->getIO()->close();
        }
    }

    private function drop_connection(): void
    {
        try {
            $this->connection?->close();
        } finally {
            $this->forget_connection();
        }
    }

    private function on(int $number): AMQPChannel
    {
        if (!$this->connection) {
            throw new AMQPChannelClosedException('there is no connection');
        }
        if (!isset($this->channels[$number])) {
            $this->do_channel__open($number);
        }
        return $this->channels[$number];
    }

    // --- connection and channel --------------------------------------------------------------------------------------

    private function do_connect(string $host, int $port, string $user, string $password, string $vhost,
        int $heartbeat = 0, ?int $channel_max = null, ?int $frame_max = null, float $timeout = 10,
        ?float $blocked_timeout = null): array
    {
        if ($channel_max !== null || $frame_max !== null || $blocked_timeout !== null) {
            throw new Unsupported('php-amqplib has neither limits to negotiate nor one for a blocked connection');
        }
        $this->drop_connection();
        // Reads and writes may not take less than two heartbeats.
        $this->connection = new AMQPStreamConnection($host, $port, $user, $password, $vhost,
            connection_timeout: $timeout, read_write_timeout: max(3.0, 2.0 * $heartbeat), heartbeat: $heartbeat);
        $this->connection->set_connection_block_handler(fn ($reason) => event('connection.blocked', ['reason' => $reason]));
        $this->connection->set_connection_unblock_handler(fn () => event('connection.unblocked', []));
        return ['heartbeat' => $this->connection->getHeartbeat()];
    }

    private function do_close(): array
    {
        if (!$this->connection) {
            throw new AMQPChannelClosedException('there is no connection');
        }
        $this->drop_connection();
        return [];
    }

    private function do_channel__open(int $channel = 1): array
    {
        if (!$this->connection) {
            throw new AMQPChannelClosedException('there is no connection');
        }
        $made = $this->channels[$channel] = $this->connection->channel();
        unset($this->confirming[$channel]);
        $made->set_return_listener(function ($code, $text, $exchange, $key, $message) use ($channel) {
            $this->returned = $text;
            event('basic.return', ['channel' => $channel, 'reply_code' => $code, 'reply_text' => $text,
                'exchange' => $exchange, 'routing_key' => $key, ...content_to_json($message)]);
        });
        return [];
    }

    private function do_channel__close(int $channel = 1): array
    {
        $this->on($channel)->close();
        return [];
    }

    private function do_wait(float $seconds): array
    {
        for ($until = microtime(true) + $seconds; microtime(true) < $until; usleep(TURN_MICROSECONDS)) {
            $this->serve();
        }
        return [];
    }

    private function do_confirm__select(int $channel = 1): array
    {
        $this->on($channel)->set_nack_handler(function () {
            $this->nacked = true;
        });
        $this->on($channel)->confirm_select();
        $this->confirming[$channel] = 'select';
        return [];
    }

    private function do_confirm__asynchronous(int $channel = 1): array
    {
        $told = fn ($name) => fn (AMQPMessage $message) => event($name,
            ['channel' => $channel, 'delivery_tag' => $message->getDeliveryTag(), 'multiple' => false]);
        $this->on($channel)->set_ack_handler($told('basic.ack'));
        $this->on($channel)->set_nack_handler($told('basic.nack'));
        $this->on($channel)->confirm_select();
        $this->confirming[$channel] = 'asynchronous';
        return [];
    }

    private function do_basic__publish(string $exchange = '', string $routing_key = '', bool $mandatory = false,
        array $properties = [], string|array $body = '', int $channel = 1): array
    {
        $this->nacked = false;
        $this->returned = null;
        $this->on($channel)->basic_publish(message_from_json($properties, $body), $exchange, $routing_key, $mandatory);
        if (($this->confirming[$channel] ?? '') !== 'select') {
            return [];
        }
        $this->on($channel)->wait_for_pending_acks_returns();
        if ($this->nacked) {
            throw new Refused('nacked', 'the nack handler was called');
        }
        if ($this->returned !== null) {
            throw new Refused('returned', $this->returned);
        }
        return ['confirmed' => true];
    }
}

(new Shim())->run();
