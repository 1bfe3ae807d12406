/** What the broker did to a request where the library has a value for it and no exception. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    final String kind;

    Refused(String kind, String text) {
        super(text);
        this.kind = kind;
    }
}
