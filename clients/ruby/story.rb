# The story with bunny: a session that recovers by itself, topology included.
require "bunny"
require "logger"

URL, PREFIX = ARGV
EVENTS, WORK, DEAD, RPC = %w[events work dead rpc].map { |name| "#{PREFIX}.#{name}" }
MESSAGES = 100
PREFETCH = 10
PATIENCE = 5

$stdout.sync = true
LOG = Logger.new($stdout, level: Logger::WARN)

def step(text) = puts("step: #{text}")

def expect(good, what) = good || abort(what)

# What comes out of the block, as soon as it is something.
def soon
  deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + PATIENCE
  until (found = yield)
    expect(Process.clock_gettime(Process::CLOCK_MONOTONIC) < deadline, "nothing came in #{PATIENCE} s")
    sleep 0.01
  end
  found
end

def get(queue)
  soon do
    delivery, properties, body = queue.pop(manual_ack: true)
    delivery && [delivery, properties, body]
  end
end

class Story
  def initialize
    @session = Bunny.new(URL, logger: LOG, network_recovery_interval: 0.1, recovery_attempts: 100)
    @session.start
  end

  def declare
    @channel = @session.create_channel
    @events = @channel.topic(EVENTS, durable: true)
    @dead_exchange = @channel.fanout(DEAD, durable: true)
    @dead = @channel.queue(DEAD, durable: true).bind(@dead_exchange)
    @work = @channel.queue(WORK, durable: true, arguments: { "x-dead-letter-exchange" => DEAD })
    @work.bind(@events, routing_key: "order.#")
    step "declared, #{@work.message_count} messages, #{@work.consumer_count} consumers"
  end

  def publish_with_confirms
    @channel.confirm_select
    MESSAGES.times { |number| @events.publish(number.to_s, routing_key: "order.created", persistent: true) }
    expect(@channel.wait_for_confirms, "not all were confirmed")
    expect(@work.message_count == MESSAGES, "#{@work.message_count} messages are ready")
    step "confirmed #{MESSAGES}"
  end

  def consume_with_prefetch
    channel = @session.create_channel
    channel.prefetch(PREFETCH)
    arrived = Queue.new
    consumer = channel.queue(WORK, passive: true).subscribe(manual_ack: true) do |delivery, _, body|
      arrived << [delivery.delivery_tag, body]
    end
    bodies = []
    while bodies.size < MESSAGES
      batch = Array.new(PREFETCH) { soon { arrived.empty? ? nil : arrived.pop } }
      sleep 0.01
      expect(arrived.empty?, "more than the prefetch count came")
      channel.ack(batch.last.first, true)
      bodies += batch.map { |_, body| body.to_i }
    end
    consumer.cancel
    channel.close
    expect(bodies == (0...MESSAGES).to_a, bodies.inspect)
    step "consumed #{MESSAGES} in order, at most #{PREFETCH} unacknowledged"
  end

  def publish_unroutable
    returned = Queue.new
    @events.on_return { |reply, _, body| returned << [reply, body] }
    @events.publish("lost", routing_key: "nobody.cares", mandatory: true)
    reply, body = soon { returned.empty? ? nil : returned.pop }
    expect(body == "lost", body)
    step "returned #{reply.reply_code} #{reply.reply_text}"
  end

  def dead_letter
    reasons = [nil, "10"].map do |expiration|
      @events.publish("dead", routing_key: "order.late", expiration: expiration)
      @channel.reject(get(@work).first.delivery_tag, false) unless expiration
      delivery, properties, = get(@dead)
      death = properties.headers["x-death"].first
      expect(death.values_at("queue", "exchange", "count") == [WORK, EVENTS, 1], death.inspect)
      @channel.ack(delivery.delivery_tag)
      death["reason"]
    end
    step "dead-lettered #{reasons.join(', ')}"
  end

  def call
    server = @session.create_channel
    client = @session.create_channel
    server.queue(RPC, exclusive: true).subscribe(manual_ack: true) do |delivery, properties, body|
      server.ack(delivery.delivery_tag)
      server.default_exchange.publish((body.to_i * 7).to_s, routing_key: properties.reply_to,
                                                            correlation_id: properties.correlation_id)
    end
    answers = Queue.new
    client.basic_consume("amq.rabbitmq.reply-to", "", true) { |_, properties, body| answers << [properties, body] }
    client.default_exchange.publish("6", routing_key: RPC, reply_to: "amq.rabbitmq.reply-to", correlation_id: "c1")
    properties, body = soon { answers.empty? ? nil : answers.pop }
    expect(properties.correlation_id == "c1", properties.inspect)
    [client, server].each(&:close)
    step "answered #{body}"
  end

  def recover
    recovered = Queue.new
    arrived = Queue.new
    @session.after_recovery_completed { recovered << true }
    consumer = @work.subscribe(manual_ack: true) { |delivery, _, body| arrived << [delivery.delivery_tag, body] }
    puts "restart"
    expect(recovered.pop, "not recovered")
    @events.publish("after", routing_key: "order.again", persistent: true)
    tag, body = soon { arrived.empty? ? nil : arrived.pop }
    expect(body == "after", body)
    @channel.ack(tag)
    consumer.cancel
    step "recovered"
  end

  def close
    [@work, @dead, @events, @dead_exchange].each(&:delete)
    @channel.close
    @session.close
    step "closed"
  end
end

Thread.report_on_exception = true
story = Story.new
%i[declare publish_with_confirms consume_with_prefetch publish_unroutable dead_letter call recover close]
  .each { |chapter| story.public_send(chapter) }
