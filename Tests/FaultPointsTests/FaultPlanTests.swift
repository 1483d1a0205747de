import FaultPoints
import Glibc
import Testing

@Suite("A plan of faults")
struct FaultPlanTests {
    @Test("names a point, a visit and an action")
    func parsed() throws {
        let plan = try FaultPlan("ods.commit.before,raw.write.after@3=stop")
        #expect(
            plan.entries == [
                .init(point: .odsCommit, side: .before, visit: 1, action: .kill),
                .init(point: .rawWrite, side: .after, visit: 3, action: .stop),
            ])
    }

    @Test(
        "that names what there is not is refused",
        arguments: [
            "ods.commit", "ods.commit.during", "nothing.before", "ods.commit.before@0", "ods.commit.before=bang",
        ])
    func refused(text: String) {
        #expect(throws: FaultPlanError.self) { try FaultPlan(text) }
    }

    @Test("ends the process at that visit, not before and not at another point")
    func killed() async {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            setenv("RETAILFLOW_FAULT", "ods.commit.before@2", 1)
            FaultPoint.odsCommit.before()
            FaultPoint.odsCommit.after()
            FaultPoint.rawCommit.before()
            FaultPoint.odsCommit.before()
            exit(0)
        }
    }

    @Test("that is empty does nothing")
    func nothing() async {
        await #expect(processExitsWith: .exitCode(7)) {
            setenv("RETAILFLOW_FAULT", "", 1)
            for point in FaultPoint.allCases {
                point.around {}
            }
            exit(7)
        }
    }

    @Test("has no point after a step that failed")
    func failed() async {
        await #expect(processExitsWith: .exitCode(7)) {
            struct Failure: Error {}
            setenv("RETAILFLOW_FAULT", "ods.commit.after", 1)
            do { try FaultPoint.odsCommit.around { throw Failure() } } catch { exit(7) }
        }
    }
}
