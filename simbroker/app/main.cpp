// The command line of simbroker.
#include <CLI/CLI.hpp>
#include <string>

#include "simbroker/app/control_client.hpp"
#include "simbroker/app/explore.hpp"
#include "simbroker/app/serve.hpp"
#include "simbroker/app/trace.hpp"
#include "simbroker/app/whole_number.hpp"
#include "simbroker/core/version.hpp"

namespace {

using simbroker::app::Loudness;
using simbroker::app::whole_number;

constexpr int usage_error = 2;

void add_tls(CLI::App& serve, simbroker::app::ServeArguments& arguments) {
    serve.add_option("--auth-mechanism", arguments.auth_mechanisms, "A SASL mechanism to offer; may be given again")
        ->check(CLI::IsMember({"PLAIN", "AMQPLAIN", "ANONYMOUS", "EXTERNAL", "RABBIT-CR-DEMO"}))
        ->allow_extra_args(false);
    serve
        .add_option(
            "--certificate-login", arguments.certificate_login, "The name in a client's certificate that is its user"
        )
        ->check(CLI::IsMember({"distinguished_name", "common_name", "subject_alternative_name"}))
        ->capture_default_str();
    auto* port = serve.add_option("--tls-port", arguments.tls_port, "A second port, with TLS; 0 takes a free one")
                     ->check(CLI::Range(0, 65535));
    auto* certificate = serve.add_option("--tls-cert", arguments.tls_certificate, "The server's certificate, in PEM");
    auto* key = serve.add_option("--tls-key", arguments.tls_key, "Its key, in PEM");
    serve.add_option("--tls-ca", arguments.tls_authority, "Who may sign the certificates of clients, in PEM")
        ->needs(port);
    serve
        .add_option(
            "--tls-verify",
            arguments.tls_verify,
            "Certificates of clients: none is asked for; peer: one that is given has to be good; required"
        )
        ->check(CLI::IsMember({"none", "peer", "required"}))
        ->capture_default_str();
    port->needs(certificate)->needs(key);
}

void add_control(CLI::App& serve, simbroker::app::ServeArguments& arguments) {
    auto* control = serve.add_option(
        "--control",
        arguments.control,
        "Where to be operated: HOST:PORT for HTTP (GET /openapi.json; port 0 takes a free one), or a path for a Unix "
        "socket (simbroker ctl speaks to both)"
    );
    auto* token = serve.add_option(
        "--control-token", arguments.control_token, "What requests over HTTP must carry: Authorization: Bearer TOKEN"
    );
    token->needs(control);
    serve.add_option("--control-token-file", arguments.control_token_file, "A file that holds it")
        ->needs(control)
        ->excludes(token);
}

CLI::App* add_certificates(CLI::App& app, simbroker::app::CertificatesArguments& arguments) {
    auto* certificates = app.add_subcommand("certificates", "Make a throw-away authority and certificates, for tests");
    certificates->add_option("directory", arguments.directory, "Where the files go")->required();
    certificates->add_option("--host", arguments.hosts, "A name or address of the server; may be given again")
        ->allow_extra_args(false);
    certificates->add_option("--client", arguments.client, "The common name of the client")->capture_default_str();
    return certificates;
}

CLI::App* add_serve(CLI::App& app, simbroker::app::ServeArguments& arguments) {
    auto* serve = app.add_subcommand("serve", "Run the broker; prints \"ready amqp://HOST:PORT\" when it accepts");
    serve->add_option("--host", arguments.host, "Address or name to listen on; loopback (127.0.0.1 and ::1) if absent");
    serve->add_option("--port", arguments.port, "TCP port; 0 takes a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    serve
        ->add_option(
            "--clock",
            arguments.clock,
            "wall; x100 for a hundred broker seconds a second; or manual: broker time moves by lines "
            "\"advance SECONDS\" and \"advance-to-next\" on standard input"
        )
        ->capture_default_str();
    serve->add_option(
        "--profile", arguments.profile, "The broker to be like: rabbitmq-4.3, rabbitmq-4.0, rabbitmq-3.10; or strict"
    );
    serve
        ->add_option_function<std::string>(
            "--deprecated-features",
            [&arguments](const std::string& choice) { arguments.deny_deprecated_features = choice == "deny"; },
            "permit what the version denies by default, such as transient queues that are not exclusive; or deny it"
        )
        ->check(CLI::IsMember({"permit", "deny"}))
        ->default_str("permit");
    serve->add_option("--seed", arguments.seed, "Decides every random choice, such as server-given names")
        ->check(whole_number(0))
        ->capture_default_str();
    serve->add_option("--trace", arguments.trace, "Record everything in this file, for simbroker replay");
    serve->add_option(
        "--config", arguments.config, "A JSON file of settings (simbroker/README.md); options go before it"
    );
    serve->add_option(
        "--faults",
        arguments.faults,
        "What goes wrong, from the beginning: a YAML or JSON list of rules (simbroker/fault/README.md)"
    );
    add_control(*serve, arguments);
    serve->add_option("--user", arguments.users, "name:password, instead of guest:guest; may be given again")
        ->allow_extra_args(false);
    serve->add_option("--vhost", arguments.vhosts, "A virtual host besides /; may be given again")
        ->allow_extra_args(false);
    serve
        ->add_option(
            "--plugin",
            arguments.plugins,
            "A RabbitMQ plug-in, such as rabbitmq_recent_history_exchange, instead of those of the profile; may be "
            "given "
            "again; \"none\": none"
        )
        ->allow_extra_args(false);
    add_tls(*serve, arguments);
    auto* quiet = serve->add_flag_callback(
        "--quiet", [&arguments] { arguments.loudness = Loudness::quiet; }, "No log on standard error"
    );
    serve
        ->add_flag_callback(
            "--verbose", [&arguments] { arguments.loudness = Loudness::verbose; }, "Log every event, every message too"
        )
        ->excludes(quiet);
    return serve;
}

CLI::App* add_replay(CLI::App& app, simbroker::app::ReplayArguments& arguments) {
    auto* replay = app.add_subcommand("replay", "Run a trace again and compare every octet the broker sends");
    replay->add_option("file", arguments.file, "What serve --trace wrote")->required();
    replay->add_flag("--hash", arguments.print_hash, "Print a hash of all outputs too");
    return replay;
}

void add_workload(CLI::App& command, simbroker::app::WorkloadArguments& arguments) {
    command.add_option("--workload", arguments.file, "A YAML or JSON file (simbroker/explore/README.md)");
    command.add_option("--minutes", arguments.minutes, "Of broker time, until the calm")->check(CLI::Range(1, 500'000));
    command.add_option("--clients", arguments.clients, "Virtual clients")->check(CLI::Range(1, 10'000));
    command.add_option("--profile", arguments.profile, "The broker to be like: rabbitmq-4.3, rabbitmq-4.0 ...");
}

CLI::App* add_explore(CLI::App& app, simbroker::app::ExploreArguments& arguments) {
    auto* explore =
        app.add_subcommand("explore", "Random workloads under random faults, invariants checked throughout");
    explore->add_option("--seeds", arguments.seeds, "A..B, or one")->capture_default_str();
    explore->add_option("--jobs", arguments.jobs, "Threads; by default one for each processor")
        ->check(CLI::Range(1, 1024));
    explore->add_flag("--check-determinism", arguments.check_determinism, "Run each seed twice and compare the traces");
    explore->add_flag("--print-hashes", arguments.print_hashes, "Print each seed and the hash of its trace");
    explore->add_option("--plan", arguments.plan, "Run this file, which simbroker shrink wrote, instead of seeds");
    add_workload(*explore, arguments.workload);
    return explore;
}

CLI::App* add_shrink(CLI::App& app, simbroker::app::ShrinkArguments& arguments) {
    auto* shrink = app.add_subcommand("shrink", "Make a failure of simbroker explore as small as it gets");
    shrink->add_option("seed", arguments.seed, "The seed that fails")->check(whole_number(0))->required();
    shrink->add_option("--out", arguments.directory, "Where the files go")->capture_default_str();
    add_workload(*shrink, arguments.workload);
    return shrink;
}

CLI::App* add_ctl(CLI::App& app, simbroker::app::ControlArguments& arguments) {
    auto* ctl = app.add_subcommand("ctl", "Operate a running broker, with rabbitmqctl's commands");
    ctl->add_option("--control,--socket", arguments.address, "What was given to serve --control")->required();
    auto* token = ctl->add_option("--token", arguments.token, "What was given to serve --control-token");
    ctl->add_option("--token-file", arguments.token_file, "A file that holds it")->excludes(token);
    ctl->prefix_command();
    return ctl;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A simulated AMQP broker: deterministic, with a clock you can turn.", "simbroker");
    app.set_version_flag("--version", "simbroker " + std::string(simbroker::version));
    app.require_subcommand(1);
    simbroker::app::ServeArguments serve_arguments;
    simbroker::app::ReplayArguments replay_arguments;
    const auto* serve = add_serve(app, serve_arguments);
    const auto* replay = add_replay(app, replay_arguments);
    simbroker::app::TraceArguments trace_arguments;
    const auto* trace = simbroker::app::add_trace(app, trace_arguments);
    simbroker::app::ControlArguments control_arguments;
    const auto* ctl = add_ctl(app, control_arguments);
    simbroker::app::CertificatesArguments certificates_arguments;
    const auto* certificates = add_certificates(app, certificates_arguments);
    simbroker::app::ExploreArguments explore_arguments;
    const auto* explore = add_explore(app, explore_arguments);
    simbroker::app::ShrinkArguments shrink_arguments;
    const auto* shrink = add_shrink(app, shrink_arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usage_error;
    }
    if (serve->parsed()) return simbroker::app::serve(serve_arguments);
    if (certificates->parsed()) return simbroker::app::make_certificates(certificates_arguments);
    if (explore->parsed()) return simbroker::app::explore(explore_arguments);
    if (shrink->parsed()) return simbroker::app::shrink(shrink_arguments);
    if (trace->parsed()) return simbroker::app::trace(trace_arguments);
    if (replay->parsed()) return simbroker::app::replay(replay_arguments);
    control_arguments.words = ctl->remaining();
    return simbroker::app::ctl(control_arguments);
}
