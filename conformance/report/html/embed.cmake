# Writes a C++ file with the parts of the HTML report as strings: cmake -D folder=... -D output=... -P embed.cmake
# The order of the files is the order in the page.
set(styles base overview case diagram print)
set(scripts elements model address scoreboard filters matrix notation moments diagram case main)

set(style "")
foreach(name ${styles})
  file(READ "${folder}/${name}.css" text)
  string(APPEND style "${text}")
endforeach()
set(script "'use strict';\n")
foreach(name ${scripts})
  file(READ "${folder}/${name}.js" text)
  string(APPEND script "${text}")
endforeach()
file(READ "${folder}/page.html" page)

set(code "#include \"conformance/report/html_parts.hpp\"\n\nnamespace conformance::report::html_parts {\n\n")
foreach(part page style script)
  string(APPEND code "const std::string_view ${part} = R\"embedded(${${part}})embedded\";\n")
endforeach()
string(APPEND code "\n}  // namespace conformance::report::html_parts\n")
file(WRITE "${output}" "${code}")
