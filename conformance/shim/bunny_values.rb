# frozen_string_literal: true

# What the shim of Bunny makes of its messages and errors: the JSON of the contract.
require "bigdecimal"
require "json"
require "bunny"

PROPERTIES = %i[content_type content_encoding headers delivery_mode priority correlation_id reply_to expiration
                message_id timestamp type user_id app_id cluster_id].freeze

class Unsupported < StandardError; end
class Nacked < StandardError; end
class Returned < StandardError; end

OUTPUT = Mutex.new

def say(message)
  OUTPUT.synchronize do
    $stdout.write("#{JSON.generate(message)}\n")
    $stdout.flush
  end
end

def event(name, **details)
  say(event: name, with: details)
end

def table_from_json(value)
  case value
  when Array then value.map { |item| table_from_json(item) }
  when Hash
    return Time.at(value["!T"]).utc if value.key?("!T")

    tag = value.keys.find { |name| name.start_with?("!") }
    raise Unsupported, "Bunny chooses the tag of a table value by itself, so #{tag} cannot be asked for" if tag

    value.transform_values { |item| table_from_json(item) }
  else value
  end
end

def text_or(value)
  text = value.dup.force_encoding(Encoding::UTF_8)
  text.valid_encoding? ? text : yield(value.unpack1("H*"))
end

def value_to_json(value)
  case value
  when Array then value.map { |item| value_to_json(item) }
  when Hash then value.transform_values { |item| value_to_json(item) }
  when Time then { "!T" => value.to_i }
  when BigDecimal
    scale = value.scale
    { "!D" => [scale, (value * (10**scale)).to_i] }
  when String then text_or(value) { |hex| { "!x" => hex } }
  else value
  end
end

def body_from_json(body)
  body.is_a?(Hash) ? [body["hex"]].pack("H*") : body
end

def content_to_json(properties, body)
  present = properties.to_hash.slice(*PROPERTIES).compact
  present[:timestamp] = present[:timestamp].to_i if present.key?(:timestamp)
  { properties: value_to_json(present), body: text_or(body) { |hex| { hex: hex } } }
end

def lost?(error)
  [AMQ::Protocol::EmptyResponseError, IOError, SystemCallError, Timeout::Error].any? { |kind| error.is_a?(kind) }
end

# Bunny's texts may hold octets of the broker as they came.
def readable(text)
  text.dup.force_encoding(Encoding::UTF_8).scrub("?")
end

def described(error, connecting: false)
  reply = error.channel_close if error.is_a?(Bunny::ChannelLevelException)
  reply = error.connection_close if error.respond_to?(:connection_close)
  kind = kind_of(error, reply, connecting)
  code = reply ? reply.reply_code : (403 if kind == "authentication_failed")
  { kind: kind, code: code, text: readable(reply ? reply.reply_text : "#{error.class}: #{error.message}") }
end

def kind_of(error, reply, connecting)
  case error
  when Bunny::ChannelLevelException then "channel_closed"
  when Bunny::ConnectionLevelException, Bunny::NotAllowedError then reply ? "connection_closed" : "other"
  when Bunny::PossibleAuthenticationFailureError then "authentication_failed"
  when Bunny::ChannelAlreadyClosed, Bunny::ConnectionClosedError, Bunny::ConnectionAlreadyClosed then "wrong_state"
  when Bunny::NetworkFailure then lost?(error.cause) ? "connection_lost" : "protocol_error"
  when Bunny::InconsistentDataError then "protocol_error"
  when Bunny::TCPConnectionFailed then "connection_refused"
  when Timeout::Error then "timeout"
  when Nacked then "nacked"
  when Returned then "returned"
  when ArgumentError then "invalid_argument"
  when AMQ::Protocol::Error then connecting ? "connection_refused" : "connection_lost"
  when IOError, SystemCallError then connecting ? "connection_refused" : "connection_lost"
  when Bunny::Exception then "other"
  else error.message.match?(/is not open/) ? "wrong_state" : "other"
  end
end

# Where Bunny raises what ends a connection; it asks for an object with `raise`.
class SessionErrors
  def initialize(worker)
    @worker = worker
    @lock = Mutex.new
    @working = false
    @session = 0
  end

  # The object for a new session. What an older one still raises is nobody's business any more.
  def of_new_session
    session = @lock.synchronize { @session += 1 }
    errors = self
    Object.new.tap { |it| it.define_singleton_method(:raise) { |error| errors.raise_from(session, error) } }
  end

  def raise_from(session, error)
    @lock.synchronize do
      next unless session == @session

      @working ? @worker.raise(error) : event("connection.close", **described(error))
    end
  end

  def while_working
    @lock.synchronize { @working = true }
    Thread.handle_interrupt(StandardError => :immediate) { yield }
  ensure
    @lock.synchronize { @working = false }
    forget_what_came_too_late
  end

  # It was about the request that has just failed of the same cause.
  def forget_what_came_too_late
    Thread.handle_interrupt(StandardError => :immediate) { Thread.pass } if Thread.pending_interrupt?
  rescue StandardError
    nil
  end
end
