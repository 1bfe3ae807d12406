<?php
// JSON of the contract to values of php-amqplib and back.
declare(strict_types=1);

use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPAbstractCollection;
use PhpAmqpLib\Wire\AMQPArray;
use PhpAmqpLib\Wire\AMQPDecimal;
use PhpAmqpLib\Wire\AMQPTable;

const PROPERTIES = ['content_type', 'content_encoding', 'headers', 'delivery_mode', 'priority', 'correlation_id',
    'reply_to', 'expiration', 'message_id', 'timestamp', 'type', 'user_id', 'app_id', 'cluster_id'];

function value_from_json(mixed $value): mixed
{
    if (!is_array($value)) {
        return $value;
    }
    if (array_is_list($value) && $value !== []) {
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
