# Asks the kit's generated Ruby: stories, error classes, a provider of the host's own, use after close.
#
# LD_LIBRARY_PATH=FOLDER ruby -rio/wait test_kit.rb FOLDER_OF_JAVARI_RB CASES_FOLDER
# (The generated code waits on pipes with io/wait and does not load it by itself.)

require 'json'
require File.join(File.expand_path(ARGV[0]), 'javari')

CASES = ARGV[1]
SETTINGS = JSON.generate(database: ':memory:', environment: false)

def require_that(condition, words = 'not so')
  raise words unless condition
end

# The value at a JSON Pointer; a pointer that leads nowhere counts as null.
def at(document, pointer)
  pointer.split('/').drop(1).reduce(document) do |here, part|
    case here
    when Array then here[Integer(part)]
    when Hash then here[part.gsub('~1', '/').gsub('~0', '~')]
    end
  end
end

def filled(value, saved)
  case value
  when String then saved.fetch(value, value)
  when Array then value.map { |item| filled(item, saved) }
  when Hash then value.transform_values { |item| filled(item, saved) }
  else value
  end
end

def events_of(stream)
  events = []
  while (event = stream.next)
    events << JSON.parse(event)
  end
  events
end

# The error of a call: each class is its own, under JavariError.
def failure
  reply = yield
rescue StandardError => e
  require_that(e.class.name.start_with?('Javari::JavariError::'), e.inspect)
  e
else
  raise "no error but #{reply}"
end

def step(opened, step, saved)
  scope = JSON.generate(filled(step['scope'], saved))
  request = JSON.generate(filled(step.fetch('request', {}), saved))
  events = nil
  ask = lambda do
    if step['stream']
      events = events_of(opened.stream(step['stream'], scope, request))
      events.last
    else
      JSON.parse(opened.call(step['call'], scope, request))
    end
  end
  if step['error']
    error = failure(&ask)
    require_that(error.code == step['error'], error.inspect)
    fields = JSON.parse(error.json)['details']['fields'].map { |field| field['path'] }
    require_that(!step['fields'] || fields == step['fields'], "the fields are #{fields}")
    return
  end
  reply = ask.call
  if step['expect_events']
    folded = events.map { |event| event['type'] }.chunk_while { |a, b| a == b }.map(&:first)
    require_that(folded == step['expect_events'], "the events are #{folded}")
  end
  (step['expect'] || step['expect_last'] || {}).each do |pointer, value|
    found = at(reply, pointer)
    require_that(found == filled(value, saved), "#{pointer} is #{found.inspect}")
  end
  (step['save'] || {}).each { |name, pointer| saved["$#{name}"] = at(reply, pointer) }
end

def story(path)
  opened = Javari::Javari.open(SETTINGS)
  saved = {}
  JSON.parse(File.read(path))['steps'].each.with_index(1) do |one, number|
    step(opened, one, saved)
  rescue RuntimeError => e
    raise "step #{number}, #{one}: #{e.message}"
  end
  opened.close
end

def every_error_has_its_class
  JSON.parse(File.read("#{CASES}/parity.json"))['errors'].each do |kind|
    require_that(Javari::JavariError.const_get(kind['name']) < StandardError)
  end
end

def every_operation_has_its_method
  opened = Javari::Javari.open(SETTINGS)
  scope = opened.scope('00000000-0000-7000-8000-000000000000')
  JSON.parse(File.read("#{CASES}/parity.json"))['operations'].each do |operation|
    room = scope.public_send(operation['room'])
    require_that(room.respond_to?(operation['verb']), operation['name'])
  end
  opened.close
end

# Repeats the last message.
class Parrot
  attr_reader :stops

  def initialize
    @stops = Queue.new
  end

  def stream(request)
    said = JSON.parse(request)['messages'].last['content']
    raise Javari::HostFault::Failed.new(detail: 'the parrot sleeps') if said == 'sleep'
    raise KeyError, 'perch' if said == 'fall'

    Javari::HostAnswer.new(events: Words.new(self, said))
  end

  def models
    '[{"id": "green"}]'
  end
end

class Words
  def initialize(parrot, said)
    @parrot = parrot
    @events = [
      { type: 'started', provider: 'parrot', model: 'green' },
      { type: 'text', delta: said },
      { type: 'finished', reason: 'stop', usage: {}, model: 'green' }
    ]
  end

  def next
    event = @events.shift
    event && JSON.generate(event)
  end

  def stop
    @parrot.stops << true
    nil
  end
end

def a_provider_of_the_hosts_answers_and_fails
  opened = Javari::Javari.open(SETTINGS)
  user = JSON.parse(opened.users.ensure('{"email": "ann@example.com"}'))['id']
  room = opened.scope(user).provider
  parrot = Parrot.new
  opened.register('provider', 'parrot', parrot)
  chat = lambda do |words|
    JSON.generate(model: 'parrot/green', messages: [{ role: 'user', content: words }])
  end
  require_that(JSON.parse(room.complete(chat['Straße 漢字 😀']))['text'] == 'Straße 漢字 😀')
  parrot.stops.pop
  types = events_of(room.chat(chat['Hello'])).map { |event| event['type'] }
  require_that(types == %w[started text finished], types.inspect)
  parrot.stops.pop
  error = failure { room.complete(chat['sleep']) }
  require_that(error.code == 'HOST_FAILED' && error.detail == 'the parrot sleeps', error.inspect)
  error = failure { room.complete(chat['fall']) }
  require_that(error.code == 'HOST_FAILED' && error.detail.include?('perch'), error.inspect)
  opened.close
end

def the_environment_opens_one_or_is_told_what_it_lacks
  required = JSON.parse(File.read("#{CASES}/environment.json"))['required']
  ENV.update(required).store('JAVARI_DATABASE', ':memory:')
  opened = Javari::Javari.from_env
  require_that(JSON.parse(opened.system.version)['notices'].empty?)
  opened.close
  required.each_key { |name| ENV.delete(name) }
  error = failure { Javari::Javari.from_env }
  require_that(error.is_a?(Javari::JavariError::Configuration), error.inspect)
  named = JSON.parse(error.json)['details']['fields'].map { |field| field['path'] }
  require_that(named.sort == required.keys.sort, named.inspect)
  ENV.delete('JAVARI_DATABASE')
end

def a_call_after_close_says_closed
  opened = Javari::Javari.open(SETTINGS)
  opened.close
  opened.close
  error = failure { opened.users.ensure('{"email": "ann@example.com"}') }
  require_that(error.is_a?(Javari::JavariError::Closed), error.inspect)
end

$stdout.sync = true
stories = Dir["#{CASES}/*.json"].select { |path| JSON.parse(File.read(path)).key?('steps') }.sort
require_that(!stories.empty?, "there are no stories in #{CASES}")
tests = stories.map { |path| ["story #{File.basename(path)}", -> { story(path) }] }
tests += %i[
  every_error_has_its_class
  every_operation_has_its_method
  a_provider_of_the_hosts_answers_and_fails
  the_environment_opens_one_or_is_told_what_it_lacks
  a_call_after_close_says_closed
].map { |name| [name, method(name)] }
failed = tests.count do |name, test|
  test.call
  puts "PASS #{name}"
  false
rescue StandardError => e
  puts "FAIL #{name}: #{e.full_message(highlight: false)}"
  true
end
Javari.shutdown
exit(failed.zero? ? 0 : 1)
