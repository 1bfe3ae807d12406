<?php
// What the shim of php-amqplib makes of its messages and errors: the JSON of the contract.
declare(strict_types=1);

use PhpAmqpLib\Exception\AMQPBasicCancelException;
use PhpAmqpLib\Exception\AMQPChannelClosedException;
use PhpAmqpLib\Exception\AMQPConnectionClosedException;
use PhpAmqpLib\Exception\AMQPHeartbeatMissedException;
use PhpAmqpLib\Exception\AMQPIOException;
use PhpAmqpLib\Exception\AMQPInvalidArgumentException;
use PhpAmqpLib\Exception\AMQPOutOfRangeException;
use PhpAmqpLib\Exception\AMQPProtocolChannelException;
use PhpAmqpLib\Exception\AMQPTimeoutException;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPAbstractCollection;
use PhpAmqpLib\Wire\AMQPArray;
use PhpAmqpLib\Wire\AMQPDecimal;
use PhpAmqpLib\Wire\AMQPTable;

const PROPERTIES = ['content_type', 'content_encoding', 'headers', 'delivery_mode', 'priority', 'correlation_id',
    'reply_to', 'expiration', 'message_id', 'timestamp', 'type', 'user_id', 'app_id', 'cluster_id'];

function request_from_json(string $line): array
{
    return without_objects(json_decode($line, false, 512, JSON_THROW_ON_ERROR));
}

// Objects as arrays, in which an empty list is still no empty table.
function without_objects(mixed $value): mixed
{
    return match (true) {
        $value === [] => new AMQPArray(),
        $value instanceof stdClass, is_array($value) => array_map('without_objects', (array) $value),
        default => $value,
    };
}

function value_from_json(mixed $value): mixed
{
    if (!is_array($value)) {
        return $value;
    }
    if ($value !== [] && array_is_list($value)) { // An empty one is an AMQPArray already.
        return new AMQPArray(array_map('value_from_json', $value));
    }
    if (isset($value['!D'])) {
        return new AMQPDecimal($value['!D'][1], $value['!D'][0]);
    }
    if (isset($value['!T'])) {
        return (new DateTime())->setTimestamp($value['!T']);
    }
    $table = new AMQPTable();
    foreach ($value as $name => $item) {
        if (isset($item['!x'])) {
            $table->set($name, hex2bin($item['!x']), AMQPAbstractCollection::T_BYTES);
        } else {
            $table->set($name, value_from_json($item));
        }
    }
    return $table;
}

function collection_to_json(AMQPAbstractCollection $collection): array|object
{
    $found = [];
    foreach ($collection as $name => [$type, $value]) {
        $found[$name] = match (true) {
            $value instanceof AMQPAbstractCollection => collection_to_json($value),
            $value instanceof AMQPDecimal => ['!D' => [$value->getE(), $value->getN()]],
            $value instanceof DateTimeInterface => ['!T' => $value->getTimestamp()],
            $type === AMQPAbstractCollection::T_BOOL => (bool) $value, // as getNativeData() does
            $type === AMQPAbstractCollection::T_TIMESTAMP => ['!T' => $value],
            $type === AMQPAbstractCollection::T_BYTES => ['!x' => bin2hex($value)],
            default => $value,
        };
    }
    return $collection instanceof AMQPTable ? (object) $found : $found;
}

function message_from_json(array $properties, string|array $body): AMQPMessage
{
    if (isset($properties['headers'])) {
        $properties['application_headers'] = value_from_json($properties['headers']);
        unset($properties['headers']);
    }
    return new AMQPMessage(is_array($body) ? hex2bin($body['hex']) : $body, $properties);
}

function content_to_json(AMQPMessage $message): array
{
    $present = [];
    foreach (PROPERTIES as $name) {
        $value = $message->get_properties()[$name === 'headers' ? 'application_headers' : $name] ?? null;
        if ($value !== null) {
            $present[$name] = $value instanceof AMQPTable ? collection_to_json($value) : $value;
        }
    }
    $body = $message->getBody();
    return ['properties' => (object) $present, 'body' => mb_check_encoding($body, 'UTF-8') ? $body : ['hex' => bin2hex($body)]];
}

class Unsupported extends Exception
{
}

class Refused extends Exception // The broker did not take a publication.
{
    public function __construct(public readonly string $kind, string $text)
    {
        parent::__construct($text);
    }
}

// More tables within each other than fit into a frame.
const DEPTH = 1 << 20;

function say(array $message): void
{
    $how = JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE;
    fwrite(STDOUT, json_encode($message, $how, DEPTH) . "\n");
}

function event(string $name, array $details): void
{
    say(['event' => $name, 'with' => (object) $details]);
}

function described(Throwable $error, bool $connecting): array
{
    $text = $error->getMessage();
    $kind = match (true) {
        $error instanceof Refused => $error->kind,
        $error instanceof AMQPProtocolChannelException => 'channel_closed',
        $error instanceof AMQPHeartbeatMissedException => 'connection_lost',
        $error instanceof AMQPConnectionClosedException && $error->getCode() >= 300 =>
            $connecting && $error->getCode() === 403 ? 'authentication_failed' : 'connection_closed',
        $error instanceof AMQPConnectionClosedException, $error instanceof AMQPIOException =>
            $connecting ? 'connection_refused' : 'connection_lost',
        $error instanceof AMQPBasicCancelException => 'cancelled',
        $error instanceof AMQPTimeoutException => 'timeout',
        $error instanceof AMQPChannelClosedException => 'wrong_state',
        $error instanceof AMQPInvalidArgumentException, $error instanceof InvalidArgumentException,
            $error instanceof AMQPOutOfRangeException => 'invalid_argument',
        str_contains($text, 'No free channel ids') => 'other',
        default => 'protocol_error',
    };
    if (str_ends_with($kind, '_closed') || $kind === 'authentication_failed') {
        // The library appends the class and the method to the reply text.
        return ['kind' => $kind, 'code' => $error->getCode(), 'text' => preg_replace('/\(\d+, \d+\)$/', '', $text)];
    }
    return ['kind' => $kind, 'code' => null, 'text' => get_class($error) . ': ' . $text];
}
