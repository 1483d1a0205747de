/// The time of day, passed in so that tests decide it: microseconds of UTC since 1970.
package typealias WallClock = @Sendable () -> Int64
