/** The library has no way to do what was asked. */
final class Unsupported extends Exception {
    private static final long serialVersionUID = 1;

    Unsupported(String why) {
        super(why);
    }
}
