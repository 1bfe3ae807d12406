<?php
// The operations of the contract that are one call of php-amqplib.
declare(strict_types=1);

use PhpAmqpLib\Message\AMQPMessage;

trait Operations
{
    private function do_tx__select(int $channel = 1): array
    {
        $this->on($channel)->tx_select();
        return [];
    }

    private function do_tx__commit(int $channel = 1): array
    {
        $this->on($channel)->tx_commit();
        return [];
    }

    private function do_tx__rollback(int $channel = 1): array
    {
        $this->on($channel)->tx_rollback();
        return [];
    }

    // --- exchanges and queues ----------------------------------------------------------------------------------------

    private function do_exchange__declare(string $exchange, string $type = 'direct', bool $passive = false,
        bool $durable = false, bool $auto_delete = false, bool $internal = false, array $arguments = [],
        int $channel = 1): array
    {
        $this->on($channel)->exchange_declare($exchange, $type, $passive, $durable, $auto_delete, $internal, false,
            value_from_json($arguments));
        return [];
    }

    private function do_exchange__delete(string $exchange, bool $if_unused = false, int $channel = 1): array
    {
        $this->on($channel)->exchange_delete($exchange, $if_unused);
        return [];
    }

    private function do_exchange__bind(string $destination, string $source, string $routing_key = '',
        array $arguments = [], int $channel = 1): array
    {
        $this->on($channel)->exchange_bind($destination, $source, $routing_key, false, value_from_json($arguments));
        return [];
    }

    private function do_exchange__unbind(string $destination, string $source, string $routing_key = '',
        array $arguments = [], int $channel = 1): array
    {
        $this->on($channel)->exchange_unbind($destination, $source, $routing_key, false, value_from_json($arguments));
        return [];
    }

    private function do_queue__declare(string $queue = '', bool $passive = false, bool $durable = false,
        bool $exclusive = false, bool $auto_delete = false, array $arguments = [], int $channel = 1): array
    {
        [$name, $messages, $consumers] = $this->on($channel)->queue_declare($queue, $passive, $durable, $exclusive,
            $auto_delete, false, value_from_json($arguments));
        return ['queue' => $name, 'message_count' => $messages, 'consumer_count' => $consumers];
    }

    private function do_queue__bind(string $queue, string $exchange, string $routing_key = '', array $arguments = [],
        int $channel = 1): array
    {
        $this->on($channel)->queue_bind($queue, $exchange, $routing_key, false, value_from_json($arguments));
        return [];
    }

    private function do_queue__unbind(string $queue, string $exchange, string $routing_key = '', array $arguments = [],
        int $channel = 1): array
    {
        $this->on($channel)->queue_unbind($queue, $exchange, $routing_key, value_from_json($arguments));
        return [];
    }

    private function do_queue__purge(string $queue, int $channel = 1): array
    {
        return ['message_count' => $this->on($channel)->queue_purge($queue)];
    }

    private function do_queue__delete(string $queue, bool $if_unused = false, bool $if_empty = false,
        int $channel = 1): array
    {
        return ['message_count' => $this->on($channel)->queue_delete($queue, $if_unused, $if_empty)];
    }

    // --- basic -------------------------------------------------------------------------------------------------------

    private function do_basic__qos(int $prefetch_size = 0, int $prefetch_count = 0, bool $global = false,
        int $channel = 1): array
    {
        $this->on($channel)->basic_qos($prefetch_size, $prefetch_count, $global);
        return [];
    }

    private function do_basic__consume(string $queue, string $consumer_tag = '', bool $auto_ack = false,
        bool $exclusive = false, bool $no_local = false, array $arguments = [], int $channel = 1): array
    {
        $delivered = fn (AMQPMessage $message) => event('basic.deliver', ['channel' => $channel,
            'consumer_tag' => $message->getConsumerTag(), 'delivery_tag' => $message->getDeliveryTag(),
            'redelivered' => (bool) $message->isRedelivered(), 'exchange' => $message->getExchange(),
            'routing_key' => $message->getRoutingKey(), ...content_to_json($message)]);
        return ['consumer_tag' => $this->on($channel)->basic_consume($queue, $consumer_tag, $no_local, $auto_ack,
            $exclusive, false, $delivered, null, value_from_json($arguments))];
    }

    private function do_basic__cancel(string $consumer_tag, int $channel = 1): array
    {
        $this->on($channel)->basic_cancel($consumer_tag);
        return [];
    }

    private function do_basic__get(string $queue, bool $auto_ack = false, int $channel = 1): array
    {
        $message = $this->on($channel)->basic_get($queue, $auto_ack);
        return ['message' => $message === null ? null : ['delivery_tag' => $message->getDeliveryTag(),
            'redelivered' => (bool) $message->isRedelivered(), 'exchange' => $message->getExchange(),
            'routing_key' => $message->getRoutingKey(), 'message_count' => $message->getMessageCount(),
            ...content_to_json($message)]];
    }

    private function do_basic__ack(int $delivery_tag, bool $multiple = false, int $channel = 1): array
    {
        $this->on($channel)->basic_ack($delivery_tag, $multiple);
        return [];
    }

    private function do_basic__nack(int $delivery_tag, bool $multiple = false, bool $requeue = true,
        int $channel = 1): array
    {
        $this->on($channel)->basic_nack($delivery_tag, $multiple, $requeue);
        return [];
    }

    private function do_basic__reject(int $delivery_tag, bool $requeue = true, int $channel = 1): array
    {
        $this->on($channel)->basic_reject($delivery_tag, $requeue);
        return [];
    }

    private function do_basic__recover(bool $requeue = false, int $channel = 1): array
    {
        $this->on($channel)->basic_recover($requeue);
        return [];
    }
}
