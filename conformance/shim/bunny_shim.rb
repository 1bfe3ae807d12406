#!/usr/bin/ruby
# frozen_string_literal: true

# A client under test: Bunny, driven by JSON lines (see README.md in this folder).
#
# Bunny blocks, so one thread works on one request after the other, while Bunny's own threads bring the events. What ends
# the connection Bunny raises in a thread of the user's choice: in the one that works while it does, else it is an event.
# Recovery is off: a shim repairs nothing.
require "logger"
require_relative "bunny_declarations"
require_relative "bunny_values"

class Shim
  include Declarations

  def initialize
    @errors = SessionErrors.new(Thread.current)
    @connection = nil
    @channels = {} # the number the harness uses -> Bunny::Channel
    @confirming = {} # that number -> whether a publication waits for its confirmation
    @returned = []
    @recovers = false
    @recorded = {} # the queues that Bunny shall recover: those it has objects of
    @operations = private_methods.grep(/\Ado_/).to_h { |name| [name.to_s[3..].gsub("__", "."), name] }
  end

  def run
    say(hello: { contract: 1, library: "bunny", version: Bunny::VERSION, language: "ruby #{RUBY_VERSION}",
                 operations: (@operations.keys + ["recovery"]).sort })
    Thread.handle_interrupt(StandardError => :never) do
      $stdin.each_line { |line| work_on(request_from(line)) unless line.strip.empty? }
      drop_connection
    end
  end

  private

  def request_from(line)
    JSON.parse(line).tap { |it| raise ArgumentError, "no request: #{line}" unless it.is_a?(Hash) && it["id"] && it["op"] }
  end

  def work_on(request)
    arguments = (request["with"] || {}).transform_keys(&:to_sym)
    name = @operations[request["op"]]
    raise Unsupported, "this shim has no operation #{request['op']}" unless name

    result = @errors.while_working { send(name, **arguments) }
    say(id: request["id"], result: result.is_a?(Hash) ? result : {})
  rescue Unsupported => e
    say(id: request["id"], unsupported: e.message)
  rescue NoMethodError, TypeError, NameError
    raise # Neither Bunny nor Ruby means these for the user.
  rescue StandardError => e
    say(id: request["id"], error: described(e, connecting: request["op"] == "connect"))
  end

  # --- connection and channel ---------------------------------------------------------------------------------------

  def do_connect(host:, port:, user:, password:, vhost:, heartbeat: :server, channel_max: nil, frame_max: nil,
                 timeout: 10, blocked_timeout: nil, recover: false)
    raise Unsupported, "Bunny has no limit for the time a connection is blocked" if blocked_timeout

    drop_connection
    limits = { channel_max: channel_max, frame_max: frame_max }.compact
    made = Bunny.new(host: host, port: port, user: user, pass: password, vhost: vhost, heartbeat: heartbeat,
                     connection_timeout: timeout, read_timeout: timeout, automatically_recover: recover,
                     recover_from_connection_close: recover, network_recovery_interval: 0.3,
                     session_error_handler: @errors.of_new_session,
                     logger: Logger.new($stderr, level: Logger::WARN), **limits)
    made.on_blocked { |method| event("connection.blocked", reason: method.reason) }
    made.on_unblocked { event("connection.unblocked") }
    made.start
    @connection = made
    @recovers = recover
    { channel_max: made.channel_max, frame_max: made.frame_max, heartbeat: made.heartbeat,
      server_properties: value_to_json(made.server_properties) }
  end

  def do_close
    opened.close
    forget_connection
  end

  def opened
    @connection || raise(Bunny::ConnectionAlreadyClosed)
  end

  def forget_connection
    @connection = nil
    @recorded.clear
    @channels.clear
    @confirming.clear
  end

  def drop_connection
    @connection.close if @connection&.open?
    forget_connection
  end

  def do_channel__open(channel: 1)
    made = opened.create_channel
    made.on_error { |_, close| event("channel.close", channel: channel, code: close.reply_code, text: close.reply_text) }
    @channels[channel] = made
    @confirming.delete(channel)
    watch_returns(channel, made, "")
  end

  # Returned messages are handed to the exchange they were published to.
  def watch_returns(number, channel, exchange)
    Bunny::Exchange.new(channel, :direct, exchange, no_declare: true).on_return do |info, properties, body|
      @returned << info
      event("basic.return", channel: number, reply_code: info.reply_code, reply_text: info.reply_text,
                            exchange: info.exchange, routing_key: info.routing_key, **content_to_json(properties, body))
    end
  end

  def on(number)
    opened
    do_channel__open(channel: number) unless @channels.key?(number)
    @channels[number]
  end

  def do_channel__close(channel: 1)
    on(channel).close
  end

  def do_confirm__select(channel: 1)
    on(channel).confirm_select
    @confirming[channel] = true
  end

  def do_confirm__asynchronous(channel: 1)
    on(channel).confirm_select(lambda do |tag, multiple, nacked|
      event(nacked ? "basic.nack" : "basic.ack", channel: channel, delivery_tag: tag, multiple: multiple)
    end)
  end

  def do_tx__select(channel: 1) = on(channel).tx_select
  def do_tx__commit(channel: 1) = on(channel).tx_commit
  def do_tx__rollback(channel: 1) = on(channel).tx_rollback
  def do_wait(seconds:) = sleep(seconds)

  # --- basic --------------------------------------------------------------------------------------------------------

  def do_basic__qos(prefetch_size: 0, prefetch_count: 0, global: false, channel: 1)
    raise Unsupported, "Bunny has no prefetch size" unless prefetch_size.zero?

    on(channel).basic_qos(prefetch_count, global)
  end

  def do_basic__publish(exchange: "", routing_key: "", mandatory: false, properties: {}, body: "", channel: 1)
    fields = table_from_json(properties).transform_keys(&:to_sym)
    it = on(channel)
    watch_returns(channel, it, exchange) if mandatory && exchange != ""
    @returned.clear
    it.basic_publish(body_from_json(body), exchange, routing_key, mandatory: mandatory, **fields)
    return {} unless @confirming[channel]
    raise Nacked, "wait_for_confirms returned false" unless it.wait_for_confirms
    raise Returned, @returned.first.reply_text unless @returned.empty?

    { confirmed: true }
  end

  def do_basic__consume(queue:, consumer_tag: nil, auto_ack: false, exclusive: false, no_local: false, arguments: {},
                        channel: 1)
    raise Unsupported, "Bunny has no no_local" if no_local

    it = on(channel)
    consumer = Bunny::Consumer.new(it, @recorded.fetch(queue, queue), consumer_tag || it.generate_consumer_tag, auto_ack, exclusive,
                                   table_from_json(arguments))
    consumer.on_delivery do |info, properties, content|
      event("basic.deliver", channel: channel, consumer_tag: info.consumer_tag, delivery_tag: info.delivery_tag.to_i,
                             redelivered: info.redelivered?, exchange: info.exchange, routing_key: info.routing_key,
                             **content_to_json(properties, content))
    end
    consumer.on_cancellation { |cancel| event("basic.cancel", channel: channel, consumer_tag: cancel.consumer_tag) }
    { consumer_tag: it.basic_consume_with(consumer).consumer_tag }
  end

  def do_basic__cancel(consumer_tag:, channel: 1)
    on(channel).basic_cancel(consumer_tag)
  end

  def do_basic__get(queue:, auto_ack: false, channel: 1)
    info, properties, content = on(channel).basic_get(queue, manual_ack: !auto_ack)
    return { message: nil } unless info

    { message: { delivery_tag: info.delivery_tag.to_i, redelivered: info.redelivered, exchange: info.exchange,
                 routing_key: info.routing_key, message_count: info.message_count,
                 **content_to_json(properties, content) } }
  end

  def do_basic__ack(delivery_tag:, multiple: false, channel: 1)
    on(channel).basic_ack(delivery_tag, multiple)
  end

  def do_basic__nack(delivery_tag:, multiple: false, requeue: true, channel: 1)
    on(channel).basic_nack(delivery_tag, multiple, requeue)
  end

  def do_basic__reject(delivery_tag:, requeue: true, channel: 1)
    on(channel).basic_reject(delivery_tag, requeue)
  end

  def do_basic__recover(requeue: false, channel: 1)
    on(channel).basic_recover(requeue)
  end
end

Shim.new.run
