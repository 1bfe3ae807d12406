# frozen_string_literal: true

# Exchanges, queues and bindings of Bunny's shim. Bunny recovers the queues that it has objects of: @recorded.
module Declarations
  private

  def options(arguments: nil, **given)
    given[:arguments] = table_from_json(arguments) if arguments
    given
  end

  def do_exchange__declare(exchange:, type: "direct", channel: 1, **given)
    on(channel).exchange_declare(exchange, type, **options(**given))
  end

  def do_exchange__delete(exchange:, channel: 1, **given)
    on(channel).exchange_delete(exchange, **given)
  end

  def do_exchange__bind(destination:, source:, channel: 1, **given)
    on(channel).exchange_bind(source, destination, **options(**given))
  end

  def do_exchange__unbind(destination:, source:, channel: 1, **given)
    on(channel).exchange_unbind(source, destination, **options(**given))
  end

  def do_queue__declare(queue: "", channel: 1, **given)
    made = Bunny::Queue.new(on(channel), queue, options(**given)) if @recovers && !given[:passive]
    @recorded[made.name] = made if made
    return { queue: made.name }.merge(made.status) if made

    ok = on(channel).queue_declare(queue, **options(**given))
    { queue: ok.queue, message_count: ok.message_count, consumer_count: ok.consumer_count }
  end

  def do_queue__bind(queue:, exchange:, channel: 1, **given)
    return @recorded[queue].bind(exchange, options(**given)) if @recorded.key?(queue)

    on(channel).queue_bind(queue, exchange, **options(**given))
  end

  def do_queue__unbind(queue:, exchange:, channel: 1, **given)
    on(channel).queue_unbind(queue, exchange, **options(**given))
  end

  def do_queue__purge(queue:, channel: 1)
    { message_count: on(channel).queue_purge(queue).message_count }
  end

  def do_queue__delete(queue:, channel: 1, **given)
    { message_count: on(channel).queue_delete(queue, **given).message_count }
  end
end
