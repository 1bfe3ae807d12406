<?php
// One thread: it alternates between looking for requests and letting every channel wait for a moment. A basic.cancel of
// the broker is an exception in php-amqplib, and heartbeats are sent by whoever calls checkHeartBeat.
declare(strict_types=1);

use PhpAmqpLib\Exception\AMQPBasicCancelException;
use PhpAmqpLib\Exception\AMQPExceptionInterface;
use PhpAmqpLib\Exception\AMQPProtocolChannelException;
use PhpAmqpLib\Exception\AMQPTimeoutException;

const TURN_MICROSECONDS = 5000;
// How long a channel waits that may find the frame is for another one. A wait that does not block loses a frame of which
// only the head has come.
const FRAME_SECONDS = 0.1;

trait Serving
{
    private string $input = '';
    private float $quiet_since = 0;

    /** A line, an empty text if none has come for a moment, null at the end. */
    private function next_request(): ?string
    {
        if (!str_contains($this->input, "\n")) {
            $read = [STDIN];
            $none = null;
            stream_select($read, $none, $none, $this->connection ? 0 : 1, 0);
            $this->input .= $read ? fread(STDIN, 1 << 16) : '';
        }
        if (str_contains($this->input, "\n")) {
            [$line, $this->input] = explode("\n", $this->input, 2);
            return trim($line);
        }
        return feof(STDIN) ? null : '';
    }

    /** One turn of every channel. What ends here unasked is an event. */
    private function serve(): void
    {
        $readable = false;
        $this->attend(0, function () use (&$readable) {
            $this->connection?->checkHeartBeat();
            $readable = $this->connection?->select(0, TURN_MICROSECONDS) > 0;
        });
        // A second in vain is when missed heartbeats are noticed: only a wait that times out looks for them.
        $this->quiet_since = $readable || !$this->connection ? microtime(true) : $this->quiet_since;
        $overdue = microtime(true) > $this->quiet_since + 1;
        $this->quiet_since = $overdue ? microtime(true) : $this->quiet_since;
        $open = array_filter($this->channels, fn ($channel) => $channel->is_open());
        foreach ($this->connection ? ($open ?: [0 => $this->connection]) : [] as $number => $waiter) {
            if ($this->connection) {
                $this->attend($number, fn () => $waiter->wait(null, !$readable && !$overdue, FRAME_SECONDS));
            }
        }
    }

    private function attend(int $number, callable $turn): void
    {
        try {
            $turn();
        } catch (AMQPBasicCancelException $cancel) {
            event('basic.cancel', ['channel' => $number, 'consumer_tag' => $cancel->consumerTag]);
        } catch (AMQPProtocolChannelException $error) {
            event('channel.close', ['channel' => $number, 'code' => $error->getCode(), 'text' => $error->getMessage()]);
        } catch (AMQPTimeoutException) {
            // Nothing to read.
        } catch (AMQPExceptionInterface $error) {
            event('connection.close', described($error, false));
            $this->forget_connection();
        }
    }
}
