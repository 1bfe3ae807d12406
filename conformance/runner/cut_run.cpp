#include "conformance/runner/cut_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/runner/aftermath.hpp"
#include "conformance/runner/real_clock.hpp"
#include "conformance/step/verb.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::runner {

namespace {

using catalogue::Role;
using catalogue::Scenario;
using step::Conversation;
using step::Outcome;

// A client that hangs costs the patience each time: after so many the verdict is clear.
constexpr std::size_t most_failures = 3;

// No scenario opens a channel of this number.
constexpr unsigned a_new_channel = 199;

// Whether the client has come to terms with its loss.
Outcome took_it(const ClientStage& stage, Conversation& conversation, const Cut& cut) {
    const auto patience = conversation.patience();
    const auto settled = [&] { return stage.unanswered().empty() || conversation.shim_exit().has_value(); };
    conversation.wait(conversation.after(patience), settled);
    if (const auto& exit = conversation.shim_exit()) return step::fail("the shim ended: " + *exit);
    if (!stage.unanswered().empty()) {
        return step::fail(fmt::format(
            "{} still waits {} later", stage.unanswered().begin()->second, simbroker::fault::duration_to_text(patience)
        ));
    }
    if (stage.told_of_loss() || cut.closing) return {};
    const auto asked = conversation.ask("channel.open", {{"channel", a_new_channel}});
    if (!asked) return std::unexpected(asked.error());
    const auto answer = conversation.answer(*asked, patience);
    if (!answer) return std::unexpected(answer.error());
    if (answer->kind == step::Answer::Kind::error) return {};
    return step::fail("the client told nobody, and says that it has opened a channel since");
}

class CutRun {
public:
    CutRun(const Scenario& scenario, const ClientStageMaker& make_stage, const RunOptions& options)
        : scenario_(scenario), make_stage_(make_stage), options_(options) {}

    Result run(const std::optional<std::size_t>& only) {
        if (fresh_stage()) {
            const auto lacking = only ? std::string() : survey();
            if (!lacking.empty()) return result(Verdict::unsupported, lacking);
            only ? cut(*only) : cut_everywhere();
        }
        if (stage_ != nullptr && wrong_.empty()) exit();
        if (!wrong_.empty()) return failure();
        if (stage_ == nullptr) return result(Verdict::inconclusive, no_stage_);
        if (only && !cut_at_all_)
            return result(Verdict::inconclusive, fmt::format("the scenario has no frame {}", *only));
        if (!cut_at_all_ && last_ >= first_) return result(Verdict::inconclusive, "the scenario never came to a cut");
        return result(Verdict::pass, {});
    }

private:
    Conversation conversation() {
        auto options = options_;
        options.prefix += fmt::format(".{}", ++conversations_);
        return {*stage_, Role::client, variables_of(*stage_, scenario_, options), options_.patience};
    }

    Result result(Verdict verdict, const std::string& message) const {
        return {
            .scenario = &scenario_,
            .verdict = verdict,
            .at = scenario_.at,
            .message = message,
            .took = clock_.now() - simbroker::Instant{},
        };
    }

    Result failure() {
        auto failed = result(Verdict::fail, wrong_);
        if (first_wrong_) failed.repeat_with = fmt::format("--cut {}", *first_wrong_);
        failed.transcript = std::move(transcript_);
        failed.timeline = std::move(timeline_);
        failed.shim_errors = std::move(shim_errors_);
        return failed;
    }

    // A client that knows nothing of the cuts before. False: there is none, and no_stage_ says why.
    bool fresh_stage() {
        stage_.reset();
        used_ = false;
        auto made = make_stage_();
        if (made) stage_ = std::move(*made);
        if (!made) no_stage_ = made.error();
        return stage_ != nullptr;
    }

    // Without a cut: how many frames there are. What the client cannot do, if that keeps it from the scenario.
    std::string survey() {
        if (auto enough = operations_suffice(*stage_, scenario_); !enough) return enough.error().text;
        stage_->begin_cut(0);
        auto talk = conversation();
        for (const auto& step : scenario_.steps) {
            const auto done = step::run_step(talk, step);
            if (!done && done.error().kind == step::Trouble::Kind::unsupported) return done.error().text;
            if (!done) break;
        }
        last_ = stage_->frames();
        const bool handshakes = std::ranges::find(scenario_.families, "HS") != scenario_.families.end();
        first_ = handshakes ? 1 : std::max<std::size_t>(1, stage_->first_open_ok());
        used_ = true;
        // A client that the scenario alone has left in trouble starts anew.
        if (!stage_->unanswered().empty() || !be_sane(talk)) fresh_stage();
        return {};
    }

    void cut_everywhere() {
        for (auto after = first_; after <= last_; ++after) {
            if (stage_ == nullptr || failures_ == most_failures) return;
            cut(after);
        }
    }

    // What is wrong after cuts before has to be so without them, and so has what keeps the scenario from coming as far
    // as it did: a second time with a client that is new.
    void cut(std::size_t point) {
        cut_this_time_ = false;
        auto wrong = cut_once(point);
        if ((!wrong.empty() || !cut_this_time_) && used_) {
            if (!fresh_stage()) return;
            wrong = cut_once(point);
        }
        used_ = true;
        if (wrong.empty()) return;
        ++failures_;
        if (wrong_.empty()) {
            wrong_ = wrong;
            first_wrong_ = point;
        } else {
            wrong_ += fmt::format("; and after frame {}", point);
        }
        fresh_stage();
    }

    // What is wrong, or nothing: also if the scenario does not come so far.
    std::string cut_once(std::size_t point) {
        stage_->begin_cut(point);
        auto talk = conversation();
        for (const auto& step : scenario_.steps) {
            if (!step::run_step(talk, step) || stage_->cut()) break;
        }
        const auto cut = stage_->cut();
        cut_this_time_ = cut.has_value();
        cut_at_all_ |= cut_this_time_;
        auto done = cut ? took_it(*stage_, talk, *cut) : Outcome{};
        if (done && cut) done = be_sane(talk);
        if (done && (cut || stage_->unanswered().empty())) return {};
        if (done) {  // not so far, and a call still waits
            fresh_stage();
            return {};
        }
        if (transcript_.empty()) {
            transcript_.assign(talk.transcript().begin(), talk.transcript().end());
            talk.timeline().finish(stage_->now());
            timeline_ = std::move(talk.timeline());
        }
        if (shim_errors_.empty()) shim_errors_ = stage_->shim_errors();
        const auto where = cut ? cut->after : std::string("it was not cut");
        return fmt::format("cut after frame {}, {}: {}", point, where, done.error().text);
    }

    Outcome be_sane(Conversation& talk) {
        stage_->begin_cut(0);
        if (auto done = stage_->clear_faults(); !done) return done;
        return client_sanity(talk);
    }

    void exit() {
        auto talk = conversation();
        if (const auto done = client_exit(talk); !done) wrong_ = done.error().text;
    }

    const Scenario& scenario_;
    const ClientStageMaker& make_stage_;
    RunOptions options_;
    RealClock clock_;
    std::unique_ptr<ClientStage> stage_;
    std::string no_stage_;
    bool cut_this_time_ = false;
    bool cut_at_all_ = false;
    bool used_ = false;  // for a cut, or for the survey
    std::size_t conversations_ = 0;
    std::size_t first_ = 1;
    std::size_t last_ = 0;
    std::size_t failures_ = 0;
    std::string wrong_;
    std::optional<std::size_t> first_wrong_;
    std::vector<std::string> transcript_;
    step::Timeline timeline_;
    std::string shim_errors_;
};

}  // namespace

Result run_cuts(
    const Scenario& scenario,
    const ClientStageMaker& make_stage,
    const RunOptions& options,
    const std::optional<std::size_t>& only
) {
    return CutRun(scenario, make_stage, options).run(only);
}

}  // namespace conformance::runner
